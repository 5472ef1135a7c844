import { type DataOf, type EventDefinition, versionOf } from './define.ts';
import { FarmRecovered, FarmTroubled } from './farm.ts';
import {
  FindingAssigned,
  FindingDetected,
  FindingReopened,
  FindingResolved,
  FindingSuppressed,
  FindingUnsuppressed,
  FindingUnwatched,
} from './finding.ts';
import {
  AgentRunDone,
  AgentRunEnded,
  AgentRunRequested,
  AgentRunStarted,
  AgentRunStopRequested,
  BottleCalled,
  BottleDestroyed,
} from './jobs/bottle.ts';
import {
  FindingsObserved,
  FindingsParsed,
  JobCancelRequested,
  JobEnqueued,
  LogRereadRequested,
  RecipeExited,
  RecipeStarted,
  WorkspacePrepared,
} from './jobs/job.ts';
import { CoverageMeasured, TestsMeasured } from './jobs/measured.ts';
import { EventQuarantined } from './jobs/quarantined.ts';
import { DeliveryAbandoned } from './notices/delivery.ts';
import { DigestDue, DigestFailed, DigestOverdue, DigestSending, DigestSent, DigestSkipped } from './notices/digest.ts';
import { NoticeFailed, NoticeReplayRequested, NoticeSent } from './notices/notice.ts';
import {
  PatchApprovalDeclined,
  PatchApprovalExpired,
  PatchApprovalRequested,
  PatchApproved,
} from './patches/approval.ts';
import { ForgeEventReceived } from './patches/forge-event.ts';
import {
  PatchAbandoned,
  PatchApplyFailed,
  PatchDeclined,
  PatchDrafted,
  PatchingPaused,
  PatchingResumed,
  PatchReconsidered,
  PatchRefreshRequested,
  PatchRefused,
  PatchRequested,
  PatchSentBack,
  PatchSessionClosed,
  PatchSessionOpened,
  PatchStopped,
  PatchTurnStarted,
  PatchVerified,
  PatchVerifyFailed,
  ProofStated,
} from './patches/patch.ts';
import {
  BranchPushed,
  BranchRemoved,
  BranchTakenOver,
  ForgeWriteRefused,
  PrClosed,
  PrCommented,
  PrConflicted,
  PrMerged,
  PrOpened,
  PrSuperseded,
  PrUpdated,
} from './patches/pull-request.ts';
import { RunnerAdded, RunnerRemoved, SubscriberAdded, SubscriberRemoved } from './people/account.ts';
import { FilterRemoved, FilterSaved } from './people/filter.ts';
import {
  ForgeAccessChecked,
  ForgeCredentialAccepted,
  ForgeCredentialRefused,
  GrantAdded,
  GrantRemoved,
} from './people/grant.ts';
import { BulkRegistrationCompleted, BulkRegistrationStarted } from './people/registration.ts';
import { SecretKeyRotated, SecretRemoved, SecretSet } from './people/secret.ts';
import { LogCheckpointed, SigningKeyAdded } from './people/signing.ts';
import { TeamCreated, TeamRemoved } from './people/team.ts';
import { TokenChanged, TokenMinted, TokenRevoked, TokenRotated } from './people/token.ts';
import {
  ProjectHandedOver,
  ProjectOffered,
  ProjectOfferWithdrawn,
  ProjectRegistered,
  ProjectRemoved,
  ProjectRenamed,
  ProjectUpdated,
  RepositoryRecipesRefused,
  RepositoryRecipesUnread,
} from './projects/project.ts';
import {
  RecipeRolloutDecided,
  RecipeSetFetched,
  RecipeSetNotTaken,
  RecipeSetRefused,
  RecipeSourceRemoved,
  RecipeSourceSeen,
  RecipeSourceSet,
} from './projects/recipe-set.ts';
import { BranchHeadSeen, ScheduleFired } from './projects/schedule.ts';
import {
  AgentCutOff,
  AgentFrozen,
  AgentKilled,
  AgentThawed,
  BudgetExhausted,
  BudgetNearlyExhausted,
  BudgetSet,
  TokensMetered,
  TokensReserved,
} from './work/budget.ts';
import {
  IssueClaimed,
  IssueTargeted,
  IssueUntargeted,
  ReviewAnswered,
  ReviewCommented,
  WorkCommanded,
  WorkEnded,
  WorkProposed,
  WorkResumed,
  WorkStatusPosted,
  WorkTurnAsked,
} from './work/work.ts';

/** Every event, by name, alphabetically. */
export const events = {
  AgentCutOff,
  AgentFrozen,
  AgentKilled,
  AgentRunDone,
  AgentRunEnded,
  AgentRunRequested,
  AgentRunStarted,
  AgentRunStopRequested,
  AgentThawed,
  BottleCalled,
  BottleDestroyed,
  BranchHeadSeen,
  BranchPushed,
  BranchRemoved,
  BranchTakenOver,
  BudgetExhausted,
  BudgetNearlyExhausted,
  BudgetSet,
  BulkRegistrationCompleted,
  BulkRegistrationStarted,
  CoverageMeasured,
  DeliveryAbandoned,
  DigestDue,
  DigestFailed,
  DigestOverdue,
  DigestSending,
  DigestSent,
  DigestSkipped,
  EventQuarantined,
  FarmRecovered,
  FarmTroubled,
  FilterRemoved,
  FilterSaved,
  FindingAssigned,
  FindingDetected,
  FindingReopened,
  FindingResolved,
  FindingSuppressed,
  FindingUnsuppressed,
  FindingUnwatched,
  FindingsObserved,
  FindingsParsed,
  ForgeAccessChecked,
  ForgeCredentialAccepted,
  ForgeCredentialRefused,
  ForgeEventReceived,
  ForgeWriteRefused,
  GrantAdded,
  GrantRemoved,
  IssueClaimed,
  IssueTargeted,
  IssueUntargeted,
  JobCancelRequested,
  JobEnqueued,
  LogCheckpointed,
  LogRereadRequested,
  NoticeFailed,
  NoticeReplayRequested,
  NoticeSent,
  PatchAbandoned,
  PatchApplyFailed,
  PatchApprovalDeclined,
  PatchApprovalExpired,
  PatchApprovalRequested,
  PatchApproved,
  PatchDeclined,
  PatchDrafted,
  PatchReconsidered,
  PatchRefreshRequested,
  PatchRefused,
  PatchRequested,
  PatchSentBack,
  PatchSessionClosed,
  PatchSessionOpened,
  PatchStopped,
  PatchTurnStarted,
  PatchVerified,
  PatchVerifyFailed,
  PatchingPaused,
  PatchingResumed,
  PrClosed,
  PrCommented,
  PrConflicted,
  PrMerged,
  PrOpened,
  PrSuperseded,
  PrUpdated,
  ProjectHandedOver,
  ProjectOfferWithdrawn,
  ProjectOffered,
  ProjectRegistered,
  ProjectRemoved,
  ProjectRenamed,
  ProjectUpdated,
  ProofStated,
  RecipeExited,
  RecipeRolloutDecided,
  RecipeSetFetched,
  RecipeSetNotTaken,
  RecipeSetRefused,
  RecipeSourceRemoved,
  RecipeSourceSeen,
  RecipeSourceSet,
  RecipeStarted,
  RepositoryRecipesRefused,
  RepositoryRecipesUnread,
  ReviewAnswered,
  ReviewCommented,
  RunnerAdded,
  RunnerRemoved,
  ScheduleFired,
  SecretKeyRotated,
  SecretRemoved,
  SecretSet,
  SigningKeyAdded,
  SubscriberAdded,
  SubscriberRemoved,
  TeamCreated,
  TeamRemoved,
  TestsMeasured,
  TokenChanged,
  TokenMinted,
  TokenRevoked,
  TokenRotated,
  TokensMetered,
  TokensReserved,
  WorkCommanded,
  WorkEnded,
  WorkProposed,
  WorkResumed,
  WorkStatusPosted,
  WorkTurnAsked,
  WorkspacePrepared,
} as const satisfies Record<string, EventDefinition>;

export type EventName = keyof typeof events;
export type EventData<N extends EventName> = DataOf<(typeof events)[N]>;

/** What is to be appended: the fact alone. Nobody fills in an envelope by hand. */
export type Draft<N extends EventName = EventName> = {
  [K in N]: { readonly type: K; readonly id: string; readonly data: EventData<K> };
}[N];

/** An event as it stands in the log. */
export type Recorded<N extends EventName = EventName> = {
  [K in N]: {
    readonly type: K;
    /** The entity's id. */
    readonly entityId: string;
    readonly data: EventData<K>;
    readonly seq: number;
    readonly eventId: string;
    /** ISO 8601 UTC. */
    readonly time: string;
    readonly source: string;
    readonly causationId: string | null;
    readonly correlationId: string;
    /** The token in whose name it was asked for; null for what the service does by itself. */
    readonly actor: string | null;
  };
}[N];

/** Whether a word names an event of ours. */
export function isEventName(word: string): word is EventName {
  return Object.hasOwn(events, word);
}

/** The version of the data that is written today. */
export function currentVersion(name: EventName): number {
  return versionOf(events[name]);
}
