import type { OpenForgeVoice } from '../bottles/forge-voice.ts';
import { forgeSecrets } from '../floor/forges/forge-instances.ts';
import { redactorOf } from '../floor/text/redactor.ts';
import { version } from '../floor/version.ts';
import { grantedTalks, type TalkDeps } from './granted-talks.ts';
import { voiceOfTalk } from './voice-of-talk.ts';
import { provenanceOf } from './work-provenance.ts';

type VoiceDeps = TalkDeps & { readonly config: TalkDeps['config'] & { readonly publicUrl: string | null } };

/** Opens what a bottle may read and say on the forge of its project, as far as that is granted. */
export function openForgeVoice(deps: VoiceDeps): OpenForgeVoice {
  const open = grantedTalks(deps);
  const { query } = deps.models;
  return async ({ bottle_id, project, work }) => {
    const talk = open(project);
    if (talk === null) return null;
    const pulls = () => {
      const found = work.issue === undefined ? undefined : query().works.find(`${project}-${work.issue}`)?.doc;
      return [...(work.pulls ?? []), ...(found?.pull ? [found.pull.number] : [])];
    };
    const footer = () => provenanceOf(bottle_id, query(), { version, url: deps.config.publicUrl });
    const { text: redacted } = redactorOf(forgeSecrets(deps.config.patcher.forge));
    return voiceOfTalk({ talk, bottle_id, work, pulls, footer, redacted });
  };
}
