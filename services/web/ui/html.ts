import htm from 'htm';
import { type ComponentChildren, h, type VNode } from 'preact';
import { withoutTurns } from '../rules/visible-text.ts';

type Props = Readonly<Record<string, unknown>> | null;

const shown = (child: unknown): unknown =>
  typeof child === 'string' ? withoutTurns(child) : Array.isArray(child) ? child.map(shown) : child;

/** An element of which no text, name or path turns the words beside it. */
function element(type: unknown, props: Props, ...children: unknown[]): VNode {
  const title = props?.['title'];
  const own = typeof title === 'string' ? { ...props, title: withoutTurns(title) } : props;
  return h(type as string, own, ...(children.map(shown) as ComponentChildren[]));
}

/** Templates of elements. Text in them is always text: there is no way to put markup in. */
export const html = htm.bind(element) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

export type Children = { readonly children?: ComponentChildren };
export type Drawn = ComponentChildren;
