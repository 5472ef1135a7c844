import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../floor/app-error.ts';
import { type ApiClient, apiClient } from '../farm/api-client.ts';
import { serverUrl } from '../farm/service-meant.ts';

/** The service that runs on a data folder of this machine, spoken to as its admin. */
export async function localService(dataDir: string): Promise<ApiClient> {
  const read = (name: string) => readFile(join(dataDir, name), 'utf8').then((text) => text.trim());
  const [url, bearer] = await Promise.all([read('url.txt'), read('admin-bearer.txt')]).catch((cause) => {
    throw new AppError(
      'unavailable',
      `No crafting-table has run on ${dataDir}; start it with npm start, or set CRAFTING_DATA_DIR.`,
      { cause },
    );
  });
  return apiClient(serverUrl(url), bearer);
}
