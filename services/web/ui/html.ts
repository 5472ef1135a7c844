import htm from 'htm';
import { type ComponentChildren, h, type VNode } from 'preact';

/** Templates of elements. Text in them is always text: there is no way to put markup in. */
export const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

export type Children = { readonly children?: ComponentChildren };
export type Drawn = ComponentChildren;
