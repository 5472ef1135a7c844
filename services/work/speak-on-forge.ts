import { createHash } from 'node:crypto';
import type { CommentText, ForgeVoice, OpenForgeVoice } from '../bottles/forge-voice.ts';
import { AppError } from '../floor/app-error.ts';
import { quoted } from '../floor/escape-text.ts';
import { forgeSecrets } from '../floor/forge-instances.ts';
import { redactorOf } from '../floor/redactor.ts';
import { version } from '../floor/version.ts';
import type { TalkIssue } from '../io/forge/talk/talk.ts';
import { grantedTalks, type TalkDeps } from './granted-talks.ts';
import { provenanceOf } from './work-provenance.ts';

export type VoiceDeps = TalkDeps & { readonly config: TalkDeps['config'] & { readonly publicUrl: string | null } };

/**
 * What a bottle reads and says on the forge of its project. It says everything once, under a mark that nobody who reads the thread
 * beforehand can know, and with the provenance of its run below.
 */
export function openForgeVoice(deps: VoiceDeps): OpenForgeVoice {
  const open = grantedTalks(deps);
  return async ({ bottle_id, project, work }) => {
    const talk = open(project);
    if (talk === null) return null;
    const { text: redacted } = redactorOf(forgeSecrets(deps.config.patcher.forge));
    // Its agent may have been talked into anything: what it says calls nobody, and closes nothing.
    const said = (body: string) => quoted(redacted(body), 20_000);
    const footer = () => provenanceOf(bottle_id, deps.models.query(), { version, url: deps.config.publicUrl });
    const markOf = (key: string) =>
      `<!-- crafting-table ${createHash('sha256').update(`${bottle_id}\n${key}`).digest('hex').slice(0, 32)} -->`;
    const read = async (number: number): Promise<TalkIssue> => {
      const place = isPull(number) ? 'pull' : 'issue';
      const found = (await talk.read(place, number)) ?? (await talk.read(place === 'issue' ? 'pull' : 'issue', number));
      if (found === null) throw new AppError('not_found', `There is no issue or pull request ${number}.`);
      return found;
    };
    const isPull = (number: number) => number !== work.issue && (work.pulls ?? []).includes(number);
    const voice: ForgeVoice = {
      readIssue: async (number) => {
        const { title, body, state, author, place, url } = await read(number);
        return { number, title, body, state, author, isPull: place === 'pull', url };
      },
      readComments: async (number) => {
        const { place } = await read(number);
        const all = place === 'pull' ? await talk.reviews(number) : await talk.comments('issue', number);
        return all.map(({ author, body, createdAt: at, url, path, line }): CommentText => {
          const where = { ...(path === null ? {} : { path }), ...(line === null ? {} : { line }) };
          return { author, body, at, url, ...where };
        });
      },
      postComment: async ({ number, body, key }) => {
        const { place } = await read(number);
        const mark = markOf(key);
        const there = (await talk.comments(place, number)).find((one) => one.body.includes(mark));
        if (there) return { url: there.url || null };
        const posted = await talk.say(place, number, [said(body), footer(), mark].join('\n\n'));
        return { url: posted.url || null };
      },
      updateDescription: async ({ number, body, key }) => {
        const { place } = await read(number);
        await talk.describe(place, number, [said(body), footer(), markOf(key)].join('\n\n'));
      },
      pullsOf: async (issue) => {
        const found = deps.models.query().works.find(`${project}-${issue}`)?.doc;
        return found?.pull ? [found.pull.number] : (work.pulls ?? []);
      },
    };
    return voice;
  };
}
