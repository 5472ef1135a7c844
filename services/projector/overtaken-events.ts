import type { Database } from 'better-sqlite3';
import type { Recorded } from '../../events/registry.ts';

/**
 * Whether an event was decided upon for a project that had another owner, or none, when it reached the log, or for a name that
 * another project had by then: two events of different names guard each other by no sequence. Such an event changes nothing; what
 * it says is true only of the moment when it was decided.
 */
type Overtaken = {
  isOvertaken(event: Recorded): boolean;
  /** What was gathered is in the database. */
  flush(): void;
};

export function openOvertaken(db: Database): Overtaken {
  const find = db.prepare<[string], string>('SELECT owner FROM projects WHERE name = ?').pluck();
  const findOffer = db.prepare<[string], string>('SELECT to_team FROM project_offers WHERE project = ?').pluck();
  const findNamed = db.prepare<[string], string>('SELECT project FROM project_names WHERE name = ?').pluck();
  const owners = new Map<string, string | null>();
  const offers = new Map<string, string | null>();
  const ownerOf = (name: string) => {
    let owner = owners.get(name);
    if (owner === undefined) {
      owner = find.get(name) ?? null;
      owners.set(name, owner);
    }
    return owner;
  };
  const offerOf = (name: string) => offers.get(name) ?? (offers.has(name) ? null : (findOffer.get(name) ?? null));
  // Names are written as they come, and not first when what was gathered is flushed.
  const projectNamed = (name: string) => findNamed.get(name) ?? null;
  return {
    isOvertaken: (event) => {
      switch (event.type) {
        case 'ProjectRegistered':
          if (projectNamed(event.data.name) !== null) return true;
          owners.set(event.data.name, event.data.owner);
          return false;
        case 'ProjectUpdated':
          return ownerOf(event.data.name) !== event.data.owner;
        case 'ProjectOffered':
        case 'ProjectOfferWithdrawn':
          if (ownerOf(event.data.name) !== event.data.owner) return true;
          offers.set(event.data.name, event.type === 'ProjectOffered' ? event.data.to : null);
          return false;
        case 'ProjectHandedOver': {
          const { name, from, to, offered } = event.data;
          if (ownerOf(name) !== from || (offered && offerOf(name) !== to)) return true;
          owners.set(name, to);
          offers.set(name, null);
          return false;
        }
        case 'ProjectRenamed': {
          const { name, owner, to } = event.data;
          if (ownerOf(name) !== owner) return true;
          if (to === name) return false;
          return ownerOf(to) !== null || (projectNamed(to) ?? name) !== name;
        }
        case 'ProjectRemoved':
          if (event.data.owner !== null && ownerOf(event.data.name) !== event.data.owner) return true;
          owners.set(event.data.name, null);
          offers.set(event.data.name, null);
          return false;
        default:
          return false;
      }
    },
    flush: () => {
      owners.clear();
      offers.clear();
    },
  };
}
