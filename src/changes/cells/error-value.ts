/** What the .xlsx reader puts in the place of a formula that no program has calculated yet. */
export const NOT_CALCULATED = "#NOT-CALCULATED!";

/**
 * What spreadsheet programs show in place of a formula's result that went wrong: Excel (also in German, French, Spanish,
 * Italian, Dutch and Portuguese), Google Sheets, LibreOffice.
 */
const ERROR_VALUES = new Set(
  (
    "#N/A #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #FIELD! #GETTING_DATA #BUSY! #BLOCKED! #CONNECT! " +
    "#UNKNOWN! #EXTERNAL! #PYTHON! #TIMEOUT! #ERROR! " +
    "#NV #BEZUG! #WERT! #ZAHL! #ÜBERLAUF! #KALK! #FELD! " +
    "#VALEUR! #NOM? #NOMBRE! #NUL! #PROPAGATION! #CALCUL! #CHAMP! " +
    "#N/D #¡REF! #¡VALOR! #¡DIV/0! #¿NOMBRE? #¡NULO! #¡NUM! #¡DESBORDAMIENTO! #¡CALC! " +
    "#RIF! #VALORE! #NOME? #NULLO! #ESPANSIONE! " +
    "#N/B #VERW! #WAARDE! #DEEL/0! #NAAM? #LEEG! #GETAL! #OVERLOOP! " +
    "#VALOR! #NÚM! #NULO! #DESPEJAR! #DESPEJO! " +
    NOT_CALCULATED
  ).split(" "),
);

/** `Err:502` is LibreOffice's; a row of `#` is what a column too narrow shows where its text is exported. */
const OTHER = /^(?:err:\d{3}|#{2,})$/i;

/** True for `#N/A`, `#REF!` and their like. @param cell trimmed */
export function isErrorValue(cell: string): boolean {
  const first = cell.charCodeAt(0);
  if (first === 35 /* # */) return ERROR_VALUES.has(cell.toUpperCase()) || OTHER.test(cell);
  return (first === 69 || first === 101) /* E, e */ && OTHER.test(cell);
}
