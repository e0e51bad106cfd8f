import { isRequestUri } from "./request_uri.ts";

const HOSTNAME =
  /^([a-zA-Z0-9\p{S}\p{L}](-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?|([a-zA-Z0-9\p{S}\p{L}]([-a-zA-Z0-9\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$/u;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(.\d+)?(z|[+-]\d\d:\d\d)$/i; // the dot may be anything
const ATOM = '[^\\s\\p{Cc}()<>[\\]:;@\\\\,."]+';
const QUOTED = '"(?:[^"\\\\\\p{Cc}]|\\\\.)*"';
const ADDRESS = `(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})@(?:${ATOM}(?:\\.${ATOM})*|\\[[\\da-fA-F:.]+\\])`;
const HEX = "[0-9a-fA-F]";
const COLOR = "\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*";
const UNIT = /^(ns|nano.*|us|µs|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*|w|wk|week.*)$/i;

const matches = (pattern: string | RegExp) => {
  const regexp = new RegExp(pattern);
  return (text: string): boolean => regexp.test(text);
};
const uuid = (version: string) =>
  matches(
    `^${HEX}{8}-?${HEX}{4}-?${version}${HEX}{3}-?${
      version === HEX ? HEX : version === "3" ? HEX : "[89abAB]"
    }${HEX}{3}-?${HEX}{12}$`,
  );

/** The formats of texts that a server checks, by their names in schemas. Others are as if they were not there. */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  "bsonobjectid": matches(`^${HEX}{24}$`),
  "byte": (text) =>
    text !== "" && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  "cidr": isCidr,
  "creditcard": (text) => isCreditCard(text),
  "date": isDate,
  "date-time": isDateTime,
  "duration": isDuration,
  "email": matches(
    new RegExp(
      `^[ \\t]*(?:${ADDRESS}|(?:[^\\p{Cc}()<>[\\]:;@\\\\,"]|${QUOTED})*<${ADDRESS}>)[ \\t]*(?:\\([^()]*\\)[ \\t]*)*$`,
      "u",
    ),
  ),
  "hexcolor": matches(`^#?(${HEX}{3}|${HEX}{6})$`),
  "hostname": (text) => text.length <= 255 && HOSTNAME.test(text),
  "ipv4": (text) => isIpv4(text) || (text.includes(".") && isIpv6(text)),
  "ipv6": isIpv6,
  "isbn": (text) => isIsbn10(text) || isIsbn13(text),
  "isbn10": isIsbn10,
  "isbn13": isIsbn13,
  "mac": matches(
    `^(${HEX}{2}([:-]?)${HEX}{2}(\\2${HEX}{2}){4}((\\2${HEX}{2}){2}|(\\2${HEX}{2}){14})?|` +
      `${HEX}{4}(\\.${HEX}{4}){2}(\\.${HEX}{4}|(\\.${HEX}{4}){7})?)$`,
  ),
  "password": () => true,
  "rgbcolor": matches(`^rgb\\(${COLOR},${COLOR},${COLOR}\\)$`),
  "ssn": matches(/^\d{3}[- ]\d{2}[- ]\d{4}$/),
  "uri": isRequestUri,
  "uuid": uuid(HEX),
  "uuid3": uuid("3"),
  "uuid4": uuid("4"),
  "uuid5": uuid("5"),
  "k8s-short-name": matches(/^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  "k8s-long-name": matches(/^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/),
};

/** Formats of numbers. */
export const NUMBER_FORMATS: readonly string[] = ["int32", "int64", "float", "double"];

/** Wherever in it a number is followed by a unit. */
function isDuration(text: string): boolean {
  const isGo = /^[-+]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text) || /^[-+]?0$/.test(text);
  return isGo || [...text.matchAll(/\d+\s*([A-Za-zµ]+)/g)].some(([, unit]) => UNIT.test(unit));
}

function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text)?.map(Number) ?? [];
  if (year === undefined || month < 1 || month > 12) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
}

function isDateTime(text: string): boolean {
  const [date, time] = text.split(/t/i);
  return time !== undefined && isDate(date) && TIME.test(time);
}

/** Numbers may begin with zeros, as they could long ago. */
function isIpv4(text: string): boolean {
  return /^\d+(\.\d+){3}$/.test(text) && text.split(".").every((part) => Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  if (!text.includes(":") || !/^[0-9a-fA-F:.]+$/.test(text)) return false;
  try {
    new URL(`http://[${text}]/`);
    return true;
  } catch {
    return false; // that is what was asked
  }
}

function isCidr(text: string): boolean {
  const [address, length, ...more] = text.split("/");
  if (length === undefined || more.length > 0 || !/^\d{1,3}$/.test(length)) return false;
  return isIpv4(address) ? Number(length) <= 32 : isIpv6(address) && Number(length) <= 128;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  if (
    !/^(4\d{12}(\d{3})?|5[1-5]\d{14}|6(011|5\d\d)\d{12}|3[47]\d{13}|3(0[0-5]|[68]\d)\d{11}|(2131|1800|35\d{3})\d{11})$/
      .test(digits)
  ) {
    return false;
  }
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const double = Number(digit) * (1 + index % 2);
    return total + (double > 9 ? double - 9 : double);
  }, 0);
  return sum % 10 === 0;
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, "");
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce(
    (total, digit, index) => total + (10 - index) * (digit === "X" ? 10 : Number(digit)),
    0,
  );
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, "");
  if (!/^\d{13}$/.test(digits)) return false;
  return [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) %
      10 === 0;
}
