import { useEffect, useState } from 'preact/hooks';
import { ownPage } from '../../rules/own-page.ts';
import { adviceOf, CallFailed, type Problem } from '../../state/api-call.ts';
import { navigate, place, query } from '../../state/place.ts';
import { me, signIn } from '../../state/session.ts';
import { type Drawn, html } from '../../ui/html.ts';

/** Where the reader wanted to go; only to our own pages. */
function wanted(): string {
  return ownPage(query.value.get('next') ?? '') ?? '/';
}

/** Signs in with a token, or with the code of a one-time link, and goes on to the page that was asked for. */
export function Page(): Drawn {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const enter = async (proof: { token: string } | { code: string }) => {
    setBusy(true);
    setProblem(null);
    try {
      await signIn(proof);
      navigate(wanted(), { replace: true, keepAt: false });
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      setProblem(error.problem);
    }
    setBusy(false);
  };
  useEffect(() => {
    const code = /^#code=([\w-]+)$/.exec(place.value.hash)?.[1];
    if (code) {
      history.replaceState(null, '', location.pathname + location.search);
      void enter({ code });
    }
  }, []);
  useEffect(() => {
    if (me.value) navigate(wanted(), { replace: true, keepAt: false });
  }, [me.value]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const token = String(new FormData(form).get('token') ?? '').trim();
    form.reset();
    if (token !== '') void enter({ token });
  };
  return html`<div class="sign-in panel">
    <p class="brand"><span class="stamp" aria-hidden="true"></span>crafting-table</p>
    <h1>Sign in</h1>
    <p class="muted">With a token of the farm. It is sent once; the browser then keeps a cookie that pages cannot read.</p>
    <form onSubmit=${submit}>
      <label class="field"><span>Token</span><input name="token" type="password" autocomplete="current-password" placeholder="ct_…" required autofocus aria-describedby="sign-in-problem" /></label>
      <div id="sign-in-problem" role="alert">${problem && html`<div class="problem"><strong>${problem.title}</strong><p>${problem.detail}</p><p class="muted">${problem.status === 401 ? 'Look whether the token is whole and has not ended, or ask for another link.' : adviceOf(problem)}</p></div>`}</div>
      <button class="primary wide" disabled=${busy}>${busy ? 'Signing in …' : 'Sign in'}</button>
    </form>
    <details><summary>Where do I get one?</summary>
      <p>Whoever runs the farm finds the first token in <code>admin-bearer.txt</code> of the data folder. <code>crafting-table open</code> prints a link that signs in once without one.</p>
      <p>Everybody else asks the owner of their team: <code>crafting-table tokens mint NAME --team TEAM</code>.</p></details>
  </div>`;
}
