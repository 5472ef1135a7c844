import type { XmlElement } from '../define.ts';

/** The value of an attribute, or null where there is none or an empty one. */
export function attribute(element: XmlElement | undefined, name: string): string | null {
  if (element === undefined || !Object.hasOwn(element.attributes, name)) return null;
  return element.attributes[name] || null;
}

/** The value of an attribute as a whole number, or null. */
export function wholeNumber(element: XmlElement | undefined, name: string): number | null {
  const value = attribute(element, name);
  return value !== null && /^\s*\d{1,10}(?:\.0{1,6})?\s*$/.test(value) ? Number(value) : null;
}

export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((one) => one.name === name);
}

export function childrenNamed(element: XmlElement | undefined, ...names: string[]): readonly XmlElement[] {
  return element?.children.filter((one) => names.includes(one.name)) ?? [];
}

/** The text of the first child of that name, trimmed, or null. */
export function childText(element: XmlElement | undefined, name: string): string | null {
  return child(element, name)?.text.trim() || null;
}

/** The element as markup again, for people; up to `max` characters. */
export function markup(element: XmlElement, max = 4000): string {
  let written = '';
  const write = (one: XmlElement, depth: number) => {
    if (written.length > max || depth > 20) return;
    const attributes = Object.entries(one.attributes).map(([name, value]) => ` ${name}="${value}"`);
    written += `<${one.name}${attributes.join('')}>${one.text.trim()}`;
    for (const inner of one.children) write(inner, depth + 1);
    written += `</${one.name}>`;
  };
  write(element, 0);
  return written.slice(0, max);
}
