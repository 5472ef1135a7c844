/** An event of an entity that is there; its id is the name of the project. */
export const eventSkeleton = (name: string, entity: string) => `/** Say here what happened, in the past tense. */
export const ${name} = defineEvent('${name}', '${entity}', closed({ project: Name, by: Name }));
`;
