import { type Fields, fieldsOf, listOf, textOf } from '../rules/json-fields.ts';

/**
 * What a request has its provider do by itself, in the words that a manifest's `provider_tools` takes: `web_search`, `code_execution`,
 * `url` (fetch a picture or file from an address), `file` (read what is kept for the key), and so on. All of it leaves the bottle past
 * the list of its hosts. A tool of a type that is not known to run in the bottle is taken for one that does not.
 */
type HostedTools = (body: Fields, model: string) => string[];

/** Tools that a client runs by itself, by their types without a date: docs.claude.com, "Tool use", "Client tools". */
const ofClaudeClients = /^(custom|bash|text_editor|computer|memory|tool_search_tool(_regex|_bm25)?)$/;
/** platform.openai.com, "Tools": those whose calls the client answers. */
const ofOpenaiClients = /^(function|custom|namespace|local_shell|apply_patch|computer|computer_use|tool_search)$/;
const ofGeminiClients = /^(function_declarations|computer_use)$/;
/** Models that search the web whatever their request says. */
const searching = /(^|[-/])(search|deep-research)(-|$)|:online$/;

const withoutDate = (type: string) => type.replace(/_(\d{8}|\d{4}_\d{2}_\d{2}|preview)$/g, '').replace(/_preview$/, '');
const unique = (names: readonly string[]) => [...new Set(names)].map((name) => name.slice(0, 64));
const isAddress = (value: unknown) => typeof value === 'string' && value !== '' && !/^data:/i.test(value);

export const hostedByAnthropic: HostedTools = (body) => {
  const tools = listOf(body.tools).flatMap((tool) => {
    const type = withoutDate(textOf(fieldsOf(tool).type) || 'custom');
    return ofClaudeClients.test(type) ? [] : [type];
  });
  const ofBlock = (block: Fields): string[] => {
    const source = fieldsOf(block.source);
    if (block.type === 'tool_result') return listOf(block.content).map(fieldsOf).flatMap(ofBlock);
    if (block.type === 'container_upload') return ['file'];
    if (block.type !== 'image' && block.type !== 'document') return [];
    if (source.type === 'content') return listOf(source.content).map(fieldsOf).flatMap(ofBlock);
    return source.type === 'url' || source.type === 'file' ? [source.type] : [];
  };
  const said = [...listOf(body.messages).map((one) => fieldsOf(one).content), body.system];
  const kept = body.container === undefined || body.container === null ? [] : ['code_execution'];
  return unique([...tools, ...kept, ...said.flatMap((content) => listOf(content).map(fieldsOf).flatMap(ofBlock))]);
};

export const hostedByOpenai: HostedTools = (body, model) => {
  const tools = listOf(body.tools).flatMap((one) => {
    const tool = fieldsOf(one);
    const type = withoutDate(textOf(tool.type) || 'function');
    // A shell is the client's own unless it names a container.
    const place = textOf(fieldsOf(tool.environment).type) || 'local';
    return ofOpenaiClients.test(type) || (type === 'shell' && place === 'local') ? [] : [type];
  });
  const settings = ['web_search_options', 'search_parameters'].some((name) => fieldsOf(body[name]) === body[name]);
  const plugins = listOf(body.plugins).map((one) => `plugin_${textOf(fieldsOf(one).id)}`);
  // A prompt that is kept at the provider has tools of its own.
  const stored = fieldsOf(body.prompt) === body.prompt ? ['prompt'] : [];
  const said = [...listOf(body.messages), ...listOf(body.input)].map(fieldsOf);
  const parts = said.flatMap((one) => [...listOf(one.content), ...listOf(one.output), one.output]).map(fieldsOf);
  return unique([
    ...tools,
    ...(settings || searching.test(model) ? ['web_search'] : []),
    ...plugins,
    ...stored,
    ...parts.flatMap(ofOpenaiPart),
  ]);
};

function ofOpenaiPart(part: Fields): string[] {
  const image = fieldsOf(part.image_url);
  const address = image === part.image_url ? image.url : part.image_url;
  const isFetched = isAddress(address) || isAddress(part.file_url) || isAddress(fieldsOf(part.file).file_url);
  const isKept = [part.file_id, fieldsOf(part.file).file_id].some((id) => typeof id === 'string' && id !== '');
  return [...(isFetched ? ['url'] : []), ...(isKept ? ['file'] : [])];
}

export const hostedByGemini: HostedTools = (body) => {
  const tools = listOf(body.tools).flatMap((tool) => Object.keys(fieldsOf(tool)).map(inSnakeCase));
  const said = [...listOf(body.contents), body.systemInstruction, body.system_instruction].map(fieldsOf);
  const parts = said.flatMap((one) => listOf(one.parts)).map(fieldsOf);
  const files = parts.map((part) => fieldsOf(part.fileData ?? part.file_data));
  const addresses = files.flatMap((file) => textOf(file.fileUri ?? file.file_uri) || []);
  const isKept = (address: string) => /^(https:\/\/generativelanguage\.googleapis\.com\/[^/]+\/)?files\//.test(address);
  return unique([
    ...tools.filter((name) => !ofGeminiClients.test(name)),
    ...addresses.map((address) => (isKept(address) ? 'file' : 'url')),
    ...('cachedContent' in body || 'cached_content' in body ? ['file'] : []),
  ]);
};

const inSnakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
