/** `npm run check` tries everything; `npm test` of what takes longest a part. */
export const thorough: boolean = process.env.CRAFTING_TEST_ALL === '1';

/** All of them, or the first. */
export const sampleOf = <T>(all: readonly T[]): readonly T[] => (thorough ? all : all.slice(0, 1));
