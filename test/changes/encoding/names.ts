/** Lists as people in different places have them: the encoding, iconv's name for it where it has another, and the names in it. */
export const LISTS: readonly { encoding: string; iconv?: string; names: readonly string[] }[] = [
  { encoding: "windows-1252", names: ["Jörg Müller", "Peña Núñez", "François D’Arcy", "Søren Åkesson"] },
  { encoding: "macintosh", names: ["Jörg Müller", "Peña Núñez", "François Lefèvre", "Søren Åkesson"] },
  { encoding: "windows-1250", names: ["Łukasz Wiśniewski", "Agnieszka Dąbrowska", "Żaneta Wójcik"] },
  { encoding: "iso-8859-2", names: ["Jiří Dvořák", "Tomáš Růžička", "Šárka Kučerová"] },
  { encoding: "windows-1254", names: ["Ayşe Yılmaz", "Erdoğan Çelik", "İbrahim Şahin"] },
  { encoding: "windows-1257", names: ["Žydrūnas Juškevičius", "Šarūnė Mačiulytė", "Ąžuolas"] },
  { encoding: "windows-1251", names: ["Иван Петров", "Анна Смирнова", "Дмитрий Кузнецов"] },
  { encoding: "koi8-r", names: ["Иван Петров", "Анна Смирнова", "Дмитрий Кузнецов"] },
  { encoding: "ibm866", names: ["Иван Петров", "Анна Смирнова", "Дмитрий Кузнецов"] },
  { encoding: "windows-1253", names: ["Γιώργος Παπαδόπουλος", "Ελένη Νικολάου"] },
  { encoding: "windows-1255", names: ["דוד כהן", "שרה לוי", "יוסף מזרחי"] },
  { encoding: "windows-1256", names: ["محمد علي", "فاطمة حسن", "أحمد سعيد"] },
  { encoding: "windows-874", iconv: "cp874", names: ["สมชาย ใจดี", "สมหญิง รักไทย"] },
  { encoding: "shift_jis", names: ["田中太郎", "鈴木花子", "サトウ ケン"] },
  { encoding: "euc-jp", names: ["田中太郎", "鈴木花子", "サトウ ケン"] },
  { encoding: "gb18030", names: ["王伟", "李娜", "张强", "刘洋"] },
  { encoding: "big5", names: ["陳怡君", "林志明", "黃雅婷"] },
  { encoding: "euc-kr", names: ["김민수", "이영희", "박지훈"] },
];

/** The spreadsheet of a list. */
export function listText(names: readonly string[]): string {
  return `Email;Name\r\n${names.map((name, n) => `p${n}@example.com;${name}\r\n`).join("")}`;
}
