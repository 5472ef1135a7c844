import type { Machine, Parser, Run } from './define.ts';
import { advisorySeverity } from './engine/advisory.ts';
import { advisoryUrl } from './engine/advisory-id.ts';
import { componentFields, innerVulnerabilities, vulnerabilityFields } from './engine/cyclonedx-xml.ts';
import { type Fields, fields, isFields, list, numberOf, textOf, wordOf } from './engine/json-value.ts';

const settled = new Set(['not_affected', 'false_positive', 'resolved', 'resolved_with_pedigree']);
const maxComponents = 200_000;

/** CycloneDX with vulnerabilities: JSON and XML, and the extension that XML had before 1.4. A plain SBOM proves nothing. */
export const cyclonedx: Parser = {
  name: 'cyclonedx',
  recipes: ['audit'],
  json: {
    is: (value) =>
      isFields(value) &&
      (value.bomFormat === 'CycloneDX' ||
        /cyclonedx\.org/.test(wordOf(value.$schema)) ||
        ('specVersion' in value && Array.isArray(value.vulnerabilities))),
    cut: ['"bomFormat"', 'CycloneDX'],
  },
  xml: {
    roots: ['bom'],
    is: (root) => Object.values(root.attributes).some((value) => value.includes('cyclonedx.org/schema')),
    units: ['component', 'vulnerability'],
  },
  start,
};

type Component = { readonly name: string | null; readonly version: string | null };

function start(run: Run): Machine {
  let documents = 0;
  let proved = true;
  let listed = false;
  let components = new Map<string, Component>();

  return {
    json(value) {
      const bom = fields(value);
      documents += 1;
      proved &&= Array.isArray(bom.vulnerabilities);
      components = new Map();
      know([bom.metadata === undefined ? {} : fields(bom.metadata).component, ...list(bom.components)]);
      for (const one of list(bom.vulnerabilities)) vulnerability(fields(one));
    },
    xml(element, parents) {
      if (parents.length === 0) {
        documents += 1;
        proved &&= listed;
        listed = false;
        components = new Map();
      } else if (element.name === 'component') {
        know([componentFields(element)]);
        const inner = innerVulnerabilities(element);
        listed ||= inner.length > 0;
        for (const one of inner) vulnerability(one);
      } else {
        listed = true;
        vulnerability(vulnerabilityFields(element, null));
      }
    },
    end: () => documents > 0 && proved,
  };

  function know(all: readonly unknown[], depth = 0) {
    for (const one of all.map(fields)) {
      const group = textOf(one.group);
      const name = textOf(one.name);
      const known = {
        name: group === null ? name : `${group}${group.includes('.') ? ':' : '/'}${name}`,
        version: textOf(one.version),
      };
      for (const ref of [textOf(one['bom-ref']), textOf(one.purl)]) {
        if (ref !== null && components.size < maxComponents) components.set(ref, known);
      }
      if (depth < 50) know(list(one.components), depth + 1);
    }
  }

  function vulnerability(one: Fields) {
    const state = textOf(fields(one.analysis).state) ?? '';
    const id = textOf(one.id);
    if (id === null || settled.has(state)) return;
    const targets = list(one.affects).map(fields);
    for (const target of targets.length > 0 ? targets : [{}]) report(id, one, target);
  }

  function report(id: string, one: Fields, target: Fields) {
    const component = componentOf(textOf(target.ref));
    const ratings = list(one.ratings).map(fields);
    const word = ratings
      .map((rating) => textOf(rating.severity))
      .find((found) => found !== null && found !== 'unknown');
    const affected = list(target.versions)
      .map(fields)
      .find((version) => version.status !== 'unaffected');
    const recommended = textOf(one.recommendation);
    run.report({
      kind: 'cve',
      severity: advisorySeverity({
        word: word ?? null,
        vectors: ratings.map((rating) => textOf(rating.vector) ?? ''),
        scores: ratings.map((rating) => numberOf(rating.score) ?? Number.NaN),
      }),
      tool_severity: word ?? null,
      code: id,
      message: textOf(one.description) ?? textOf(one.detail) ?? id,
      package: component.name,
      installed_version: component.version ?? textOf(affected?.version),
      suggested_fix: recommended,
      aliases: list(one.references)
        .flatMap((reference) => textOf(fields(reference).id) ?? [])
        .filter((other) => other !== id),
      url: textOf(fields(one.source).url) ?? advisoryUrl(id),
      raw: { id, ratings: one.ratings, affects: target, recommendation: recommended },
    });
  }

  /** A `bom-ref`, a package URL, or the part of a link to another BOM behind its `#`. */
  function componentOf(ref: string | null): Component {
    if (ref === null) return { name: null, version: null };
    const local = ref.startsWith('urn:cdx:') ? decoded(ref.slice(ref.indexOf('#') + 1)) : ref;
    const known = components.get(local);
    if (known !== undefined) return known;
    const purl = /^pkg:[\w.+-]{1,40}\/(.{1,300}?)(?:@([^?#]{1,100}))?(?:[?#].*)?$/.exec(local);
    return { name: purl === null ? local : decoded(purl[1] ?? ''), version: purl?.[2] ?? null };
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
