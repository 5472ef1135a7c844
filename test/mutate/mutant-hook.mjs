// Loaded before anything else: gives one module with a change in it. CRAFTING_MUTANT: { url, start, end, to } as JSON.
import { registerHooks } from 'node:module';

const { url: mutated, start, end, to } = JSON.parse(process.env.CRAFTING_MUTANT);

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (url !== mutated) return loaded;
    const source = Buffer.from(loaded.source).toString();
    return { ...loaded, source: source.slice(0, start) + to + source.slice(end), shortCircuit: true };
  },
});
