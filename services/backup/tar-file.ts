import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createTarDecoder, createTarPacker, type TarPackController } from 'modern-tar';
import { AppError } from '../floor/app-error.ts';
import { largestPart } from './backup-manifest.ts';

/** A file in a tar. */
export type TarFile = { readonly name: string; readonly bytes: Buffer };

/** The bytes of a tar; made no faster than they are taken, and its files are not asked for any more when nobody does. */
export async function* tarOf(files: AsyncIterable<TarFile>, madeAt: Date): AsyncGenerator<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const packing = pack(files, controller, madeAt).catch((error) => controller.error(error));
  try {
    yield* readable;
  } finally {
    await packing;
  }
}

async function pack(files: AsyncIterable<TarFile>, controller: TarPackController, mtime: Date): Promise<void> {
  for await (const { name, bytes } of files) {
    const writer = controller.add({ name, size: bytes.length, mode: 0o600, mtime }).getWriter();
    await writer.write(bytes);
    await writer.close();
  }
  controller.finalize();
}

/** The files of a tar on disk, one after the other. Throws AppError('invalid') where it is cut off or is no backup. */
export async function* filesOf(path: string): AsyncGenerator<TarFile> {
  const decoder = createTarDecoder({ strict: true });
  const source = createReadStream(path, { highWaterMark: 1024 * 1024 });
  const piped = Readable.toWeb(source).pipeTo(decoder.writable as WritableStream);
  // Whoever reads the entries hears of it there.
  piped.catch(() => {});
  try {
    for await (const { header, body } of decoder.readable) {
      if (header.type !== 'file' || header.size > largestPart)
        throw new AppError('invalid', `${path} is not a backup: it holds what none has.`);
      yield { name: header.name, bytes: Buffer.from(await new Response(body).arrayBuffer()) };
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined && /^E[A-Z]+$/.test(code))
      throw new AppError('invalid', `${path} cannot be read: ${code}.`, { cause });
    throw new AppError('invalid', `${path} is cut off or no backup: it cannot be read to its end.`, { cause });
  } finally {
    source.destroy();
    await piped.catch(() => {});
  }
}
