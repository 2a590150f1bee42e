// @ts-check
"use strict";

// A session that ended elsewhere, and a connection that is lost, are said in the header.
document.documentElement.classList.add("has-script");
