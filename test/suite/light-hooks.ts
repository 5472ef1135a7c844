import async_hooks, { type HookCallbacks } from 'node:async_hooks';

// The runner of node hooks into every promise, to know to which test an error belongs: a seventh of all that the suite computes.
// Tests of a process run one after the other, so that unit.ts knows it without.
const { createHook } = async_hooks;
async_hooks.createHook = (callbacks: HookCallbacks) => createHook({ ...callbacks, trackPromises: false });
