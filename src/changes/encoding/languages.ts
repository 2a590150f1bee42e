/** Letters beyond ASCII of languages that are written in Latin letters, in lower case. Source: the exemplar sets of Unicode CLDR. */
const GERMAN = "äöüß";
const WESTERN = [
  GERMAN,
  "àâæçéèêëîïôœùûüÿ", // French
  "áéíñóúüàèòçï", // Spanish, Catalan
  "ãáàâçéêíõóôú", // Portuguese
  "àèéìòùî", // Italian
  "æøåéöäü", // Danish, Norwegian
  "åäöéšžü", // Swedish, Finnish
  "ëïéèóöüáê", // Dutch
  "áðéíóúýþæö", // Icelandic
];
const CENTRAL = [
  "áčďéěíňóřšťúůýž", // Czech
  "áäčďéíĺľňóôŕšťúýž", // Slovak
  "ąćęłńóśźż", // Polish
  "áéíóöőúüű", // Hungarian
  "ăâîşţșț", // Romanian
  "čćđšž", // Croatian, Slovene
  GERMAN,
];
const TURKISH = ["çğiıöşüâîû", GERMAN];
const BALTIC = ["ąčęėįšųūž", "āčēģīķļņšūž", "õäöüšž"];

/** The languages of each encoding of Latin letters. */
export const LATIN: Readonly<Record<string, readonly string[]>> = {
  "windows-1252": WESTERN,
  macintosh: WESTERN,
  "windows-1250": CENTRAL,
  "iso-8859-2": CENTRAL,
  "windows-1254": TURKISH,
  "windows-1257": BALTIC,
};

/** The script of each encoding of other letters. */
export const SCRIPTS: Readonly<Record<string, RegExp>> = {
  "windows-1251": /\p{Script=Cyrillic}/u,
  "koi8-r": /\p{Script=Cyrillic}/u,
  ibm866: /\p{Script=Cyrillic}/u,
  "x-mac-cyrillic": /\p{Script=Cyrillic}/u,
  "iso-8859-5": /\p{Script=Cyrillic}/u,
  "windows-1253": /\p{Script=Greek}/u,
  "windows-1255": /\p{Script=Hebrew}/u,
  "windows-1256": /\p{Script=Arabic}/u,
  "windows-874": /\p{Script=Thai}/u,
};

/** An encoding of two bytes for a character. */
export interface DoubleByte {
  /** First bytes of the rows that hold the common characters. */
  common: readonly (readonly [from: number, to: number])[];
  /** The least second byte of a common character. */
  leastSecond: number;
  /** First bytes of punctuation, letters of other scripts and the like, which say nothing. */
  neutral: readonly [from: number, to: number];
  /** Characters with which many people's names begin. */
  surnames: string;
}

const CHINESE =
  "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤";
const TRADITIONAL =
  "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董袁潘于蔣蔡余杜葉程蘇魏呂丁任沈姚盧姜崔鍾譚陸汪范金石廖賈夏韋方白鄒孟熊秦邱江尹薛段雷侯龍史陶黎賀顧毛郝龔邵萬錢嚴莊游詹賴";
const JAPANESE =
  "田中山佐鈴高伊渡小加吉松井木林清斎斉藤橋本阿石前藤岡後長村近青坂西福太三中島原森池大野和金上柴酒宮内河安菅菊新増平久岩服桜水今武杉千浅浜丸奥横熊黒関市北南東";
const KOREAN =
  "김이박최정강조윤장임한오서신권황안송류유홍전고문손양배백허남심노하곽성차주우구민진나지엄채원천방공현함변염여추도소석선설마길연위표명기반라왕금옥육인맹제모";

/** Rows of the common characters. Sources: JIS X 0208 (kana, level 1), GB 2312 (level 1), Big5 (level 1), KS X 1001 (Hangul). */
export const DOUBLE_BYTE: Readonly<Record<string, DoubleByte>> = {
  shift_jis: {
    common: [
      [0x82, 0x83],
      [0x88, 0x98],
    ],
    leastSecond: 0x40,
    neutral: [0x81, 0x81],
    surnames: JAPANESE,
  },
  "euc-jp": {
    common: [
      [0xa4, 0xa5],
      [0xb0, 0xcf],
    ],
    leastSecond: 0xa1,
    neutral: [0xa1, 0xa3],
    surnames: JAPANESE,
  },
  gb18030: { common: [[0xb0, 0xd7]], leastSecond: 0xa1, neutral: [0xa1, 0xa3], surnames: CHINESE },
  big5: { common: [[0xa4, 0xc6]], leastSecond: 0x40, neutral: [0xa1, 0xa3], surnames: TRADITIONAL },
  "euc-kr": { common: [[0xb0, 0xc8]], leastSecond: 0xa1, neutral: [0xa1, 0xa3], surnames: KOREAN },
};
