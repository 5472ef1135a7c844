import { join } from 'node:path';
import type { Draft } from '../../events/registry.ts';
import { projections } from '../../projections/registry.ts';
import { openReadStore } from '../../services/io/read-store.ts';
import { openApplier } from '../../services/projector/apply-events.ts';
import { type Queries, queriesOn } from '../../services/projector/read-models.ts';
import { inTempDir } from '../support/farm-parts.ts';
import { memoryEventLog } from '../support/memory-event-log.ts';

/** Asks the read models what they hold once these events have happened. */
export function after(history: readonly Draft[], ask: (queries: Queries) => void): Promise<void> {
  return inTempDir(async (dir) => {
    const store = openReadStore(join(dir, 'read-model.db'), projections);
    try {
      const applier = openApplier(store, projections);
      const log = memoryEventLog();
      for (const draft of history) await log.append(draft);
      for (const event of log.all()) applier.add(event);
      applier.commit();
      ask(queriesOn(store.db));
    } finally {
      store.close();
    }
  });
}
