import type { XmlElement } from '../define.ts';
import type { Fields } from './json-value.ts';
import { attribute, child, childrenNamed, childText } from './xml-element.ts';

/** A `component` element in the shape that the JSON form has; components inside of it too. */
export function componentFields(element: XmlElement): Fields {
  return {
    'bom-ref': attribute(element, 'bom-ref'),
    group: childText(element, 'group'),
    name: childText(element, 'name'),
    version: childText(element, 'version'),
    purl: childText(element, 'purl'),
    components: childrenNamed(child(element, 'components'), 'component').map(componentFields),
  };
}

/** A `vulnerability` element, of version 1.4 on or of the extension before it, in the shape of JSON. */
export function vulnerabilityFields(element: XmlElement, inside: string | null): Fields {
  const ratings = childrenNamed(child(element, 'ratings'), 'rating').map((one) => ({
    severity: childText(one, 'severity'),
    score: Number(childText(one, 'score') ?? childText(child(one, 'score'), 'base') ?? Number.NaN),
    vector: childText(one, 'vector'),
  }));
  const targets = childrenNamed(child(element, 'affects'), 'target').map((one) => ({
    ref: childText(one, 'ref'),
    versions: childrenNamed(child(one, 'versions'), 'version').map((version) => ({
      version: childText(version, 'version'),
      status: childText(version, 'status'),
    })),
  }));
  const old = attribute(element, 'ref') ?? inside;
  const references = childrenNamed(child(element, 'references'), 'reference');
  return {
    id: childText(element, 'id'),
    source: { url: childText(child(element, 'source'), 'url') },
    references: references.map((one) => ({ id: childText(one, 'id') })),
    ratings,
    description: childText(element, 'description'),
    recommendation:
      childText(element, 'recommendation') ?? childText(child(element, 'recommendations'), 'recommendation'),
    analysis: { state: childText(child(element, 'analysis'), 'state') },
    affects: targets.length > 0 || old === null ? targets : [{ ref: old }],
  };
}

/** Vulnerabilities of the old extension stand inside the component that they are about. */
export function innerVulnerabilities(component: XmlElement): readonly Fields[] {
  const own = childrenNamed(child(component, 'vulnerabilities'), 'vulnerability');
  const inside = attribute(component, 'bom-ref') ?? childText(component, 'purl');
  const nested = childrenNamed(child(component, 'components'), 'component');
  return [...own.map((one) => vulnerabilityFields(one, inside)), ...nested.flatMap(innerVulnerabilities)];
}
