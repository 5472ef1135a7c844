/** An event of an entity that is there; its id is the name of the project. */
export const eventSkeleton = (name: string, entity: string) => `/** Say here what happened, in the past tense. */
export const ${name} = defineEvent('${name}', '${entity}', closed({ project: Name, by: Name }));
`;

/** What the history says of it. */
export const eventWords = (name: string) =>
  `  ${name}: ({ data }) => \`${name.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} by \${data.by}: \${data.project}.\`,`;
