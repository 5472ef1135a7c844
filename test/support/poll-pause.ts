/** How many ms to wait until a service is asked again: an answer costs it and the test more than a look at a value. */
export const pauseAfter = (asked: number): number => Math.min(10 + 4 * asked, 50);
