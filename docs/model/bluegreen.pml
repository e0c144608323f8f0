/* The run engine of bluegreen as a model for Spin: who may write what, when, and what is true afterwards.

   Labels and events carry the names of RunMachine (Sources/RunEngine). One `Run` is one process with
   one verb. It may be paused at every step (Spin tries every order of steps), killed at every step,
   and overtaken. `check` runs it; README.md says what each option is and what is left out.          */

/* --- How large the world is ------------------------------------------------------------------- */
#ifndef ROUTERS
#define ROUTERS 1
#endif
#ifndef DEPLOYS
#define DEPLOYS 0       /* processes of each verb on the first machine */
#endif
#ifndef SWITCHES
#define SWITCHES 0
#endif
#ifndef ROLLBACKS
#define ROLLBACKS 0
#endif
#ifndef RESUMES
#define RESUMES 0
#endif
#ifndef ADOPTS
#define ADOPTS 0
#endif
#ifndef FAR_DEPLOYS
#define FAR_DEPLOYS 0   /* on a second machine, which does not have the record */
#endif
#ifndef FAR_ROLLBACKS
#define FAR_ROLLBACKS 0
#endif
#ifndef CRASHES
#define CRASHES 0       /* owners that are killed, each at any step */
#endif
#ifndef FAULTS
#define FAULTS 0        /* writes refused or unanswered, reads that fail, proofs that fail */
#endif
#ifndef RESTARTS
#define RESTARTS 0      /* routers that forget what is not durable */
#endif
#ifndef HUMAN
#define HUMAN 0         /* a person changes the routers by hand, between runs */
#endif
#ifndef LATE
#define LATE 0          /* a write takes effect at any later time, in any order, or never */
#endif
#ifndef BAKE
#define BAKE 0
#endif
#ifndef SHARES
#define SHARES 0        /* a share of the traffic goes to the new colour before all of it */
#endif
#ifndef TURNS
#define TURNS 0         /* of two machines, one begins nothing while the other works */
#endif
#ifndef HELD
#define HELD 0          /* an undo or rollback that cannot enter the critical section writes without it */
#endif
#ifndef QUORUM
#define QUORUM 0        /* so many routers are enough for a move; 0: all are needed */
#endif
#ifndef SILENCES
#define SILENCES 0      /* how often a router cannot be reached, for any time */
#endif
#ifndef START
#define START 2         /* blue is live and green: 0 empty, 1 ready, 2 a way back, 3 as 2, and durable in router 0 */
#endif
#define DURABLE (RESTARTS > 0)

/* --- What the protocol asks for; each can be left out ------------------------------------------ */
#ifndef CLASS
#define CLASS 1         /* 1: T, the router compares tokens; 0: S, look and put are two steps */
#endif
#ifndef FENCE
#define FENCE 1         /* a stale token is refused */
#endif
#ifndef ROUNDS
#define ROUNDS 1        /* every write of a run has a token of its own */
#endif
#ifndef READ_TOKEN
#define READ_TOKEN 1    /* confirm by token, not by colour */
#endif
#ifndef INTENT
#define INTENT 1        /* the intent is in the journal before the first write */
#endif
#ifndef OWNER
#define OWNER 1         /* only the newest run writes to the journal and to the routers */
#endif
#ifndef LOCK
#define LOCK 1          /* writes happen in the critical section */
#endif
#ifndef KILL
#define KILL 0          /* rollback ends the owner, which is a process of the same machine */
#endif
#ifndef PREEMPT
#define PREEMPT 1       /* rollback does not wait for a living owner */
#endif
#ifndef CLAIM
#define CLAIM 1         /* claimIntended is in the journal before the first deploy step */
#endif
#ifndef CLAIM_DATUM
#define CLAIM_DATUM 1   /* the claim is in the routers too */
#endif
#ifndef UNSETTLE
#define UNSETTLE 1      /* what could not be confirmed leaves the intent open */
#endif
#ifndef OBSERVE
#define OBSERVE 1       /* the live colour is asked of the routers, not of the record */
#endif
#ifndef RESUME_LOOKS
#define RESUME_LOOKS 1  /* resume asks the routers before it takes a side */
#endif
#ifndef EFFECTIVE_FIRST
#define EFFECTIVE_FIRST 1
#endif
#ifndef REMEMBERED
#define REMEMBERED 1    /* nothing is deployed to what a restart would make live */
#endif
#ifndef ASK_UNKNOWN
#define ASK_UNKNOWN 1   /* ... not even where nobody knows what became of the write */
#endif
#ifndef FULL_BAKE
#define FULL_BAKE 1     /* resume bakes what was switched, not what happens to be live */
#endif
#ifndef FRESH
#define FRESH 1         /* resume switches only on checks that still count */
#endif
#ifndef DISPLACED
#define DISPLACED 1     /* resume goes on only from the colour that the dead run began on */
#endif
#ifndef REJUDGE
#define REJUDGE 1       /* a run begins only if nobody began since it looked; a rollback looks again */
#endif
#ifndef LAGGING
#define LAGGING 1       /* nothing is deployed while a router is behind that may still show idle */
#endif
#ifndef NAMED
#define NAMED 1         /* the record names the routers that a move left out */
#endif
#ifndef DOUBTED
#define DOUBTED 1       /* what an earlier try may have written is behind when the next one leaves it out */
#endif
#ifndef WRITTEN
#define WRITTEN 1       /* a switch that every router refuses is undone where a share, or an earlier try, was written */
#endif
#ifndef SHARE_BACK
#define SHARE_BACK 1    /* a share that does not pass is taken back */
#endif
#ifndef SHARE_SEEN
#define SHARE_SEEN 1    /* resume goes back from an open share */
#endif
#ifndef UNDONE_SETTLES
#define UNDONE_SETTLES 1 /* an undo of what the record has as switched already changes what it has as live */
#endif
#ifndef ONLY_REFUSED
#define ONLY_REFUSED 1  /* the way back comes back only where no router took the claim */
#endif
#ifndef REACH
#define REACH 0         /* 1...11: something good is possible; Spin must find it */
#endif

/* --- Designed, and not in the program ----------------------------------------------------------- */
#ifndef KNOWN
#define KNOWN 0         /* a record that did not write what the routers hold resumes nothing and overrules no claim */
#endif
#ifndef UNIQUE
#define UNIQUE 0        /* two machines never take the same epoch */
#endif
#ifndef COMPARE
#define COMPARE 0       /* with two machines, a router is written only over what was seen there */
#endif
#ifndef ADOPT_WRITES
#define ADOPT_WRITES 0  /* adopt over an open intent outranks what may still be under way */
#endif

/* --- Colours, data, phases --------------------------------------------------------------------- */
#define BLUE 0
#define GREEN 1
#define NONE 2
#define other(c) (1 - (c))

/* A datum is a number as in HAProxy's register: epoch, round, share, claim, colour. 0 is no datum. */
#if SHARES
#define Datum short
#define SHARE 4         /* some of the requests go to the other colour */
#define TOKEN 3
#define EPOCH 6
#define WRITES 4        /* of one run */
#else
#define Datum byte
#define SHARE 0
#define TOKEN 2
#define EPOCH 4
#define WRITES 3
#endif
#define DATUM(e, r, k, c) (((e) << EPOCH) | ((r) << TOKEN) | ((k) << 1) | (c))
#define color(d) ((d) & 1)
#define claimed(d) (((d) >> 1) & 1)
#define shared(d) (((d) & SHARE) != 0)
#define face(d) ((d) & (SHARE | 1))
#define token(d) (ROUNDS -> ((d) >> TOKEN) : ((d) >> EPOCH))
#define isSame(a, b) (token(a) == token(b) && face(a) == face(b))
#define epochOf(d) ((d) >> EPOCH)
#define roundOf(d) (((d) >> TOKEN) & ((1 << (EPOCH - TOKEN)) - 1))
#define message(d) ((epochOf(d) - 2) * WRITES + roundOf(d) - 1)
#define MESSAGES 15

/* verbs */
#define DEPLOY 1
#define SWITCH 2
#define ROLLBACK 3
#define RESUME 4
#define ADOPT 5
/* entries and phases */
#define ENDED 0
#define STARTING 1
#define DEPLOYING 2
#define CHECKING 3
#define READY 4
#define SWITCHING 5
#define CONFIRMING 6
#define UNDOING 7
#define UNSETTLED 8
#define BAKING 9
#define JUDGED 10
#define ROLLING_BACK 11
#define ADOPTING 12
#define CLAIMING 13
#define WRITING_AGAIN 14
#define LEVELLING 15
#define SHARING 16

typedef Record {
    byte epoch;
    byte live = NONE;       /* NONE: there is no record */
    byte wayBack = NONE;
    byte spoiled = NONE;
    byte ready = NONE;
    Datum intent;           /* the datum of the open intent */
    bit from;               /* ... and where traffic was */
    bit isLevelling;        /* ... it brings level what was left out */
    byte leftOut;           /* ... and the routers that it leaves out, as a set */
    byte behind;            /* routers that the last move left out */
    byte phase;
    Datum proven;           /* what the newest run has switched to, until its end is written */
    byte entry;             /* of the newest run, with its colours */
    bit planFrom;
    bit planTo;
    byte owner;             /* the process that holds the newest run; 0: dead or ended */
    byte bake;              /* 0 none, 1 began, 2 passed, 3 failed */
};

Record record[2];
byte lock[2];               /* the critical section of each record: who is inside */
Datum effective[ROUTERS];
Datum durable[ROUTERS];
short underWay[ROUTERS];    /* late writes, as a set of messages */
Datum content[MESSAGES];
byte silent;                /* routers that cannot be reached now, as a set */
bool isKilled[8];

/* printf tells a counterexample: `check --trace NAME`. */

/* What only the model knows. */
bool half[2];               /* this colour is half deployed */
bool checked[2];            /* the checks of what is on this colour now have passed, and still count */
bool arrived[2];            /* traffic was on this colour since it was last changed */
bool failed[2];             /* this colour failed its bake, and traffic was taken back from it */
bool drift;                 /* a restart, a person or the other machine changed a router */
bool isRecovered;
byte crashes, faults, restarts, silences;

#define here (!isKilled[id])
#define ALL ((1 << ROUTERS) - 1)
#define isIn(set, at) (((set) >> (at)) & 1)
#define showsAt(at, c) (face(effective[at]) == (c) || isIn(record[0].behind, at))
#define shown(c) (showsAt(0, c) && (ROUTERS < 2 || showsAt((ROUTERS > 1), c)) && (ROUTERS < 3 || showsAt((ROUTERS > 2) * 2, c)))

/* P2: a record on which nobody works and in which nothing is open tells the truth. */
#define isSettled (record[0].owner == 0 && record[0].intent == 0 && !drift)
#define tellTheTruth() assert(!isSettled || shown(record[0].live))

inline arrive(at, what, machine) {
    printf("  router %d: %d %d.%d\n", at, color(what), epochOf(what), roundOf(what)); if :: shared(what) -> printf("    a share goes to %d\n", other(color(what))) :: else fi;
    assert((color(what) == color(effective[at]) || !failed[color(what)]) && !(shared(what) && failed[other(color(what))]));   /* P4 */
    assert(claimed(what) || !CLAIM_DATUM || color(what) == color(effective[at]) || checked[color(what)] || isIn(record[0].behind, at));   /* P3 */
    assert(!shared(what) || checked[other(color(what))]);                  /* P3 */
    effective[at] = what; arrived[color(what)] = true; if :: shared(what) -> arrived[other(color(what))] = true :: else fi;
    assert(!half[color(what)] && !(shared(what) && half[other(color(what))]));   /* P1 */
    if :: machine == 1 -> drift = true :: else fi;
    tellTheTruth()
}

inline kill(who) {
    printf("%d is killed\n", who);
    isKilled[who] = true;
    if :: record[0].owner == who -> record[0].owner = 0 :: else fi;
    if :: record[1].owner == who -> record[1].owner = 0 :: else fi;
    if :: lock[0] == who -> lock[0] = 0 :: else fi;
    if :: lock[1] == who -> lock[1] = 0 :: else fi;
    tellTheTruth()
}

/* --- The world ---------------------------------------------------------------------------------- */

#if LATE
#define DELIVER(k) :: atomic { (underWay[at] & (1 << k)) -> \
    underWay[at] = underWay[at] & ~(1 << k); \
    if :: (!FENCE || token(content[k]) > token(effective[at])) || (!ROUNDS && token(content[k]) == token(effective[at])) -> \
        if :: FENCE && ROUNDS -> underWay[at] = underWay[at] & ~((2 << k) - 1) :: else fi; \
        arrive(at, content[k], 0) \
    :: else fi }
proctype Network(byte at) {
end: do
    DELIVER(0) DELIVER(1) DELIVER(2) DELIVER(3) DELIVER(4) DELIVER(5) DELIVER(6) DELIVER(7)
    DELIVER(8) DELIVER(9) DELIVER(10) DELIVER(11) DELIVER(12) DELIVER(13) DELIVER(14)
    od
}
#endif

proctype Misfortune() {
    byte at;
end: do
    :: atomic { crashes < CRASHES && record[0].owner != 0 -> crashes++; kill(record[0].owner) }
    :: atomic { restarts < RESTARTS -> restarts++; printf("a router restarts\n");
        if :: at = 0 :: ROUTERS > 1 -> at = (ROUTERS > 1) :: ROUTERS > 2 -> at = 2 * (ROUTERS > 2) fi;
        if :: face(effective[at]) != face(durable[at]) -> drift = true :: else fi;
        effective[at] = durable[at]; assert(arrived[color(effective[at])] && (!shared(effective[at]) || arrived[other(color(effective[at]))]));   /* P7 */
        assert(!half[color(effective[at])] && !(shared(effective[at]) && half[other(color(effective[at]))])); at = 0 }   /* P1 */
    :: atomic { silences < SILENCES -> silences++;
        if :: at = 0 :: ROUTERS > 1 -> at = (ROUTERS > 1) :: ROUTERS > 2 -> at = 2 * (ROUTERS > 2) fi;
        printf("router %d is silent\n", at); silent = silent | (1 << at); at = 0 }
    :: atomic { silent != 0 ->
        if :: isIn(silent, 0) -> at = 0 :: isIn(silent, 1) -> at = 1 :: isIn(silent, 2) -> at = 2 fi;
        printf("router %d is back\n", at); silent = silent & ~(1 << at); at = 0 }
    :: atomic { HUMAN && !drift && record[0].owner == 0 && record[0].intent == 0 && record[0].spoiled == NONE -> drift = true;
        at = 0; do :: at < ROUTERS -> effective[at] = effective[at] ^ 1; arrived[color(effective[at])] = true; at++ :: else -> break od; at = 0 }
    od
}

/* --- One process --------------------------------------------------------------------------------- */

/* Every append and every write checks that no newer run has begun. */
inline requireNewest() { if :: OWNER && record[m].epoch != epoch -> goto superseded :: else fi }

/* The token is of a run that this record does not have. Epochs of the first machine are odd here. */
#define isForeign (KNOWN && FAR_DEPLOYS + FAR_ROLLBACKS > 0 -> (seenEpoch & 1) == m : seenEpoch > record[m].epoch)
#define isCompared (COMPARE && FAR_DEPLOYS + FAR_ROLLBACKS > 0)
#define isChanged (isCompared && effective[r] != seen[r])

/* RouterPanel.color: the colour of enough routers, where no other that is up to date shows another. */
#define needed (QUORUM -> QUORUM : ROUTERS)
inline look() {
    r = 0; votes[BLUE] = 0; votes[GREEN] = 0; fresh[BLUE] = false; fresh[GREEN] = false;
    seenEpoch = 0; claim = NONE; part = ALL & ~silent;
    do
    :: r < ROUTERS && isIn(part, r) ->
        if :: shared(effective[r]) && !isIn(record[m].behind, r) -> fresh[BLUE] = true; fresh[GREEN] = true   /* no single colour */
           :: shared(effective[r]) && isIn(record[m].behind, r)
           :: else -> votes[color(effective[r])]++;
              if :: !isIn(record[m].behind, r) -> fresh[color(effective[r])] = true :: else fi
        fi;
        if :: epochOf(effective[r]) > seenEpoch -> seenEpoch = epochOf(effective[r]) :: else fi;
        if :: claimed(effective[r]) || (shared(effective[r]) && record[m].live == NONE) -> claim = other(color(effective[r])) :: else fi;
        if :: isCompared -> seen[r] = effective[r] :: else fi;
        r++
    :: r < ROUTERS && !isIn(part, r) -> r++
    :: r == ROUTERS -> break
    od;
    r = 0;
    if
    :: votes[BLUE] >= needed && !fresh[GREEN] -> live = BLUE
    :: votes[GREEN] >= needed && !fresh[BLUE] -> live = GREEN
    :: else -> live = NONE
    fi;
    isShort = (isIn(part, 0) + isIn(part, 1) + isIn(part, 2) < needed);
    votes[BLUE] = 0; votes[GREEN] = 0; fresh[BLUE] = false; fresh[GREEN] = false;
    if :: !OBSERVE && record[m].live != NONE -> live = record[m].live :: else fi
}

/* Situation.lagging: left out, and cannot be read or shows something else. */
#define lagsAt(at) (at < ROUTERS && isIn(record[m].behind, at) && (isIn(silent, at) || face(effective[(at < ROUTERS) * at]) != record[m].live))
#define isLagging (lagsAt(0) || lagsAt(1) || lagsAt(2))
#define heardAt(at) (lagsAt(at) && !isIn(silent, at))
#define contraryAt(at) (at < ROUTERS && !isIn(record[m].behind | silent, at) && face(effective[(at < ROUTERS) * at]) != to)
#define isLagHeard (heardAt(0) || heardAt(1) || heardAt(2))

#define isStale (FENCE && (token(effective[r]) > token(datum) || (ROUNDS && effective[r] != datum && token(effective[r]) == token(datum))))

/* Steps of one write: 0 look (class S), 1 put, 2 make it durable. */
#define FIRST_STEP (DURABLE && !EFFECTIVE_FIRST -> 2 : PUT_STEP)
#define PUT_STEP (CLASS == 1)
#define LAST_STEP (!DURABLE || !EFFECTIVE_FIRST)
inline nextRouter() { r++; step = FIRST_STEP }

inline put() {
    if
    :: isIn(silent, r) -> nextRouter()
    :: else ->
    if
    :: LATE -> underWay[r] = underWay[r] | (1 << message(datum)); content[message(datum)] = datum; took = true; nextRouter()
    :: !LATE -> assert(purpose != CLAIMING || restarts > 0 || face(effective[r]) == face(datum));      /* P6 */
        arrive(r, datum, m); took = true;
        if :: isCompared -> seen[r] = datum :: else fi;
        if :: LAST_STEP -> nextRouter() :: else -> step = 2 fi
    :: !LATE && faults < FAULTS -> faults++; nextRouter()                     /* notApplied */
    :: !LATE && faults < FAULTS -> faults++; took = true; nextRouter()        /* unknown, and lost */
    fi
    fi
}

inline writeEverywhere() {
    if
    :: atomic { here && (!LOCK || lock[m] == 0) -> requireNewest(); if :: LOCK -> lock[m] = id :: else fi; took = false; stale = false; unkept = 0; r = 0; step = FIRST_STEP }
    :: atomic { here && HELD && lock[m] != 0 && (purpose == UNDOING || purpose == ROLLING_BACK) -> took = false; stale = false; unkept = 0; r = 0; step = FIRST_STEP }
    fi;
    do
    :: atomic { here && r < ROUTERS && !isIn(part, r) -> nextRouter() }
    :: atomic { here && r < ROUTERS && isIn(part, r) && step == 0 -> if :: isStale || isChanged -> stale = true; nextRouter() :: else -> step = 1 fi }
    :: atomic { here && r < ROUTERS && isIn(part, r) && step == 1 ->
        if :: CLASS == 1 && (isStale || isChanged) -> stale = true; nextRouter() :: else -> put() fi }
    :: atomic { here && r < ROUTERS && isIn(part, r) && step == 2 ->
        if :: durable[r] = datum
           :: faults < FAULTS -> faults++; unkept = unkept | (1 << r)                              /* appliedNotDurable */
           :: faults < FAULTS -> faults++; if :: ASK_UNKNOWN -> unkept = unkept | (1 << r) :: else fi   /* unknown, but in effect */
        fi;
        if :: EFFECTIVE_FIRST -> nextRouter() :: else -> step = PUT_STEP fi }
    :: atomic { here && r == ROUTERS -> if :: lock[m] == id -> lock[m] = 0 :: else fi; r = 0; step = 0; break }
    od
}

/* Each router is asked by itself: confirmed, contradicted, unreadable, or outranked. */
inline confirm() {
    isShown = true;
    do
    :: atomic { here && r < ROUTERS && !isIn(part, r) -> r++ }
    :: atomic { here && r < ROUTERS && isIn(part, r) && isIn(silent, r) -> isShown = false; r++ }
    :: atomic { here && r < ROUTERS && isIn(part, r) && !isIn(silent, r) ->
        if
        :: READ_TOKEN && token(effective[r]) > token(datum) -> r = 0; goto superseded
        :: (READ_TOKEN && !isSame(effective[r], datum) && token(effective[r]) <= token(datum)) || (!READ_TOKEN && color(effective[r]) != color(datum)) -> isShown = false
        :: (READ_TOKEN && isSame(effective[r], datum)) || (!READ_TOKEN && color(effective[r]) == color(datum))
        :: !LATE && faults < FAULTS -> faults++; isShown = false
        fi; r++ }
    :: atomic { here && r == ROUTERS -> r = 0; break }
    od
}

inline remembers(c) {
    r = 0; do
    :: r < ROUTERS && REMEMBERED && (unkept & (1 << r)) && face(durable[r]) != (c) -> r = 0; goto failedBeforeSwitch
    :: r < ROUTERS && !(REMEMBERED && (unkept & (1 << r)) && face(durable[r]) != (c)) -> r++
    :: r == ROUTERS -> break
    od; r = 0
}

inline open(phaseOf) {
    if :: INTENT -> record[m].intent = datum; record[m].from = from; record[m].isLevelling = (phaseOf == LEVELLING); record[m].leftOut = ALL & ~part :: else fi;
    record[m].phase = phaseOf
}
#define doubted (DOUBTED && record[m].intent != 0 -> ALL & ~part & ~record[m].leftOut : 0)
inline leaveBehind() { if :: record[m].intent != 0 || !INTENT -> record[m].behind = (NAMED -> record[m].leftOut : 0); record[m].leftOut = 0 :: else fi; record[m].intent = 0 }
inline forget() { keptWayBack = 0; keptSpoiled = 0; keptReady = 0 }
inline consume(c) { if :: record[m].wayBack == (c) -> record[m].wayBack = NONE :: else fi; record[m].ready = NONE }

/* ForwardRules */
inline forwardRules() {
    if :: live == NONE || record[m].owner != 0 || record[m].intent != 0 || record[m].bake == 1 -> goto done :: else fi;
    if :: m == 0 && OBSERVE && (live != record[m].live || isForeign) -> goto done :: else fi;
    if :: LAGGING && verb == DEPLOY && isLagging -> goto done :: else fi
}

/* RollbackRules */
inline rollbackRules() {
    if :: record[m].spoiled == to && live != to -> goto done :: else fi;
    if :: claim == to && !(record[m].wayBack == to && !isForeign) && !(record[m].intent != 0 && !isForeign) -> goto done
       :: else fi
}

/* ResumeDecision.watched: a later claim has closed the question. Situation.displacement: somebody else moved traffic since. */
#define isWatched ((record[m].phase == ENDED && record[m].bake == 1) || \
    (record[m].phase != ENDED && record[m].wayBack == other(record[m].live) && (record[m].bake == 1 || record[m].bake == 3)))
#define isDisplaced (DISPLACED && !(record[m].phase == STARTING && record[m].entry == ROLLING_BACK) && (live != record[m].live || live != record[m].planFrom))

/* ResumeDecision */
inline resumeDecision() {
    if :: record[m].owner != 0 || isShort -> goto done :: else fi;
    if :: isForeign && (KNOWN || record[m].phase != ENDED || record[m].intent != 0) -> goto done :: else fi;
    if
    :: record[m].intent != 0 && record[m].isLevelling -> from = color(record[m].intent); to = from; entry = LEVELLING
    :: record[m].intent != 0 && !record[m].isLevelling ->
        to = color(record[m].intent); from = record[m].from;
        if
        :: claimed(record[m].intent) || (SHARE_SEEN && shared(record[m].intent)) -> from = other(to); entry = ROLLING_BACK
        :: else ->
            isShown = true; isWhole = true;
            do
            :: r < ROUTERS ->
                if :: effective[r] != record[m].intent && isIn(part, r) && !isIn(record[m].leftOut, r) -> isShown = false :: else fi;
                if :: effective[r] != record[m].intent || !isIn(part, r) || (DURABLE && durable[r] != effective[r]) -> isWhole = false :: else fi;
                r++
            :: else -> break
            od; r = 0;
            if
            :: isShown && isWhole -> entry = CONFIRMING; datum = record[m].intent
            :: isShown && !isWhole -> entry = WRITING_AGAIN
            :: else ->
                if :: !RESUME_LOOKS && (record[m].ready == to) -> entry = CONFIRMING; datum = record[m].intent
                   :: RESUME_LOOKS && live == from && record[m].ready == to -> entry = SWITCHING
                   :: from = to; to = other(from); entry = ROLLING_BACK
                fi
            fi;
            isShown = false; isWhole = false
        fi
    :: record[m].intent == 0 && isLagging && (live == NONE || (record[m].phase == ENDED && record[m].bake != 1)) ->
        if :: isLagHeard -> from = record[m].live; to = from; entry = LEVELLING :: else -> goto done fi
    :: else ->
        if :: live == NONE -> goto done :: else fi;
        from = other(live); to = live;
        if
        :: isWatched && record[m].bake == 1 && (!FULL_BAKE || live == record[m].live) -> entry = BAKING
        :: isWatched && record[m].bake == 1 && FULL_BAKE && live != record[m].live -> goto done
        :: isWatched && record[m].bake == 3 -> if :: FULL_BAKE && live != record[m].live -> goto done :: else -> from = live; to = other(live); entry = ROLLING_BACK fi
        :: !isWatched ->
            if
            :: record[m].phase == STARTING || record[m].phase == DEPLOYING || record[m].phase == CHECKING || record[m].phase == READY ->
                if :: isDisplaced -> goto done :: else fi;
                entry = (record[m].phase == CHECKING -> CHECKING : record[m].entry);
                if :: record[m].phase == READY -> entry = SWITCHING :: else fi;
                if :: entry == ROLLING_BACK -> from = record[m].planFrom; to = record[m].planTo
                   :: entry == BAKING || entry == CONFIRMING || entry == WRITING_AGAIN || entry == ADOPTING || entry == LEVELLING -> goto done
                   :: else -> from = live; to = other(live);
                      if :: (FRESH || record[m].phase == READY) && entry == SWITCHING && record[m].ready != to -> entry = CHECKING :: else fi
                fi
            :: record[m].phase == ENDED -> goto done
            :: else ->      /* settled: it only lost its end */
                if
                :: record[m].entry == LEVELLING -> from = live; entry = LEVELLING
                :: BAKE && record[m].entry != LEVELLING && record[m].entry != ROLLING_BACK && record[m].live == record[m].planTo && (!FULL_BAKE || live == record[m].live) -> entry = BAKING
                :: else ->
                    if
                    :: live != record[m].live -> goto done
                    :: live == record[m].live && (record[m].entry == ROLLING_BACK || live != record[m].planTo) -> entry = ROLLING_BACK
                    :: else -> entry = CONFIRMING; datum = record[m].proven; assert(datum != 0)
                    fi
                fi
            fi
        fi
    fi
}

/* Situation.wayHome, and what a run began on that has not switched yet */
#define wayHome (record[m].intent != 0 && !record[m].isLevelling -> (claimed(record[m].intent) -> color(record[m].intent) : record[m].from) : \
    (record[m].wayBack != NONE -> record[m].wayBack : (record[m].owner == 0 -> NONE : (record[m].entry == ROLLING_BACK && record[m].phase == ROLLING_BACK -> record[m].live : record[m].planFrom))))
#define isForgetful (DURABLE && (durable[0] != effective[0] || durable[ROUTERS > 1] != effective[ROUTERS > 1] || durable[(ROUTERS > 2) * 2] != effective[(ROUTERS > 2) * 2]))

proctype Run(byte verb; bit m; byte id) {
    byte entry, purpose, live, claim, from, to, epoch, round, r, step, unkept, seenEpoch, seenRecord, former;
    Datum datum;
    byte part;              /* the routers that take part */
    byte votes[2];
    bool fresh[2];
    bool took, stale, isShown, isWhole, isShort;
    Datum seen[ROUTERS];    /* what a write expects */
    byte keptWayBack, keptSpoiled, keptReady;   /* what a claim takes from the record */
#if TURNS
    byte seenOther;
#endif

    /* Look and decide. What was seen may be old when the run begins. */
looking:
    atomic { here;
        if :: verb == RESUME -> (record[m].owner == 0 && (crashes > 0 || record[m].intent != 0 || record[m].bake == 1 || record[m].phase != ENDED || isLagging))
           :: verb == ADOPT -> (record[m].owner == 0 && (record[m].intent != 0 || drift))
           :: verb == ROLLBACK -> (PREEMPT || record[m].owner == 0)
           :: else fi;
#if TURNS
        record[1 - m].owner == 0; seenOther = record[1 - m].epoch;
#endif
        look(); seenRecord = record[m].epoch;
        if
        :: verb == DEPLOY -> forwardRules(); entry = DEPLOYING; from = live; to = other(live)
        :: verb == SWITCH -> forwardRules(); from = live; to = other(live);
            if :: record[m].spoiled == to -> goto done :: else fi;
            entry = (record[m].ready == to -> SWITCHING : CHECKING)
        :: verb == RESUME -> resumeDecision()
        :: verb == ADOPT -> if :: live == NONE -> goto done :: else fi; entry = ADOPTING; from = live; to = live
        :: verb == ROLLBACK ->
            entry = ROLLING_BACK;
            if :: part == 0 -> goto done :: else fi;
            if
            :: record[m].live != NONE && wayHome != NONE -> to = wayHome
            :: record[m].live != NONE && wayHome == NONE && isLagging -> to = record[m].live
            :: record[m].live == NONE && live != NONE -> to = other(live)        /* --to */
            :: else -> goto done
            fi;
            if :: live == to && record[m].intent == 0 && record[m].owner == 0 && !isForgetful -> goto done :: else fi;
            rollbackRules();
            from = (live != NONE -> live : other(to))
        fi };

    /* Begin: the next epoch, in the critical section. */
    do
    :: atomic { here && lock[m] == 0 ->
#if TURNS
        if :: record[1 - m].owner != 0 || record[1 - m].epoch != seenOther -> goto looking :: else fi;
#endif
        if :: FAR_DEPLOYS && verb != ROLLBACK && record[1 - m].owner != 0 -> goto done :: else fi;   /* --adopt is a person's word that nobody else deploys */
        if
        :: verb == ROLLBACK ->
            if :: REJUDGE && (record[m].epoch != seenRecord || (record[m].live != NONE && wayHome != to && !(wayHome == NONE && record[m].live == to))) -> goto looking :: else fi;
            if :: record[m].spoiled == to && live != to -> goto done :: else fi
        :: verb != ROLLBACK ->
            if :: record[m].owner != 0 || (REJUDGE && record[m].epoch != seenRecord) -> goto done :: else fi
        fi;
        epoch = (seenEpoch > record[m].epoch -> seenEpoch : record[m].epoch) + 1;
        if :: UNIQUE && FAR_DEPLOYS + FAR_ROLLBACKS > 0 && (epoch & 1) == m -> epoch++ :: else fi;
        assert(epoch < 16);
        former = record[m].owner;
        record[m].epoch = epoch; record[m].owner = id; record[m].phase = STARTING;
        record[m].entry = entry; record[m].planFrom = from; record[m].planTo = to; record[m].proven = 0;
        if :: verb == DEPLOY && m == 1 -> record[m].live = live :: else fi;
        if :: verb == RESUME -> isRecovered = true :: else fi; printf("%d began %d.%d\n", id, epoch, round);
        break }
    :: atomic { here && KILL && verb == ROLLBACK && lock[m] != 0 -> kill(lock[m]) }
    od;
    if :: KILL && former != 0 -> atomic { here; kill(former); former = 0 } :: else -> former = 0 fi;

    if
    :: entry == DEPLOYING -> goto preflightingClaim
    :: entry == CHECKING -> goto checking
    :: entry == SWITCHING -> goto preflightingSwitch
    :: entry == CONFIRMING && RESUME_LOOKS -> purpose = SWITCHING; goto confirming
    :: entry == CONFIRMING && !RESUME_LOOKS -> goto switched
    :: entry == WRITING_AGAIN -> goto intendingSwitch
    :: entry == BAKING -> goto beginningBake
    :: entry == ROLLING_BACK -> goto rollingBack
    :: entry == LEVELLING -> goto levelling
    :: entry == ADOPTING -> goto adopting
    fi;

preflightingClaim:
    atomic { here; requireNewest(); look(); if :: live != from || seenEpoch > epoch || (KNOWN && isForeign && m == 0) || (LAGGING && isLagging) -> goto failedBeforeSwitch :: else fi };
    atomic { here; requireNewest(); round++; datum = DATUM(epoch, round, CLAIM_DATUM, from); purpose = CLAIMING;     /* claimIntended */ printf("%d claimIntended %d.%d\n", id, epoch, round);
        keptWayBack = record[m].wayBack; keptSpoiled = record[m].spoiled; keptReady = record[m].ready;
        if :: CLAIM -> consume(to); record[m].spoiled = to; record[m].phase = DEPLOYING :: else fi;
        checked[to] = false };
    goto writing;

writing:
    writeEverywhere();
    if
    :: !took && stale -> goto superseded
    :: !took && !stale ->
        if
        :: purpose == CLAIMING -> goto unclaiming
        :: purpose == SWITCHING && WRITTEN && (SHARES || entry == WRITING_AGAIN) -> goto undoing
        :: (purpose == SWITCHING && !(WRITTEN && (SHARES || entry == WRITING_AGAIN))) || purpose == SHARING -> goto undone   /* every router certainly refused */
        :: purpose == UNDOING || purpose == LEVELLING -> goto unsettling
        :: purpose == ROLLING_BACK || purpose == ADOPTING -> goto ended      /* rollbackImpossible */
        fi
    :: took
    fi;
    if :: atomic { purpose == CLAIMING -> here; if :: ONLY_REFUSED -> forget() :: else fi; remembers(from) } :: else fi;
confirming:
    confirm();
    if
    :: (purpose == SWITCHING || purpose == SHARING) && !isShown -> goto undoing
    :: purpose == SHARING && isShown -> goto watchingShare
    :: purpose == SWITCHING && isShown && faults < FAULTS -> faults++; goto undoing       /* notProved */
    :: purpose == SWITCHING && isShown -> goto switched
    :: purpose == UNDOING && isShown -> goto undone
    :: purpose == ROLLING_BACK && isShown -> goto rolledBack
    :: purpose == LEVELLING && isShown -> goto levelled
    :: (purpose == UNDOING || purpose == ROLLING_BACK || purpose == LEVELLING) && !isShown -> goto unsettling
    :: purpose == ADOPTING && isShown -> goto adopted
    :: purpose == ADOPTING && !isShown -> goto ended
    :: purpose == CLAIMING && !isShown -> goto failedBeforeSwitch
    :: purpose == CLAIMING && isShown
    fi;

deploying:
    atomic { here; requireNewest(); failed[to] = false; arrived[to] = false; half[to] = true; printf("%d stepBegan %d.%d\n", id, epoch, round);
        r = 0; do :: r < ROUTERS -> assert(color(effective[r]) != to); r++ :: else -> break od; r = 0 };   /* P1 */
    if :: ONLY_REFUSED -> goto failedBeforeSwitch :: !ONLY_REFUSED -> goto unclaiming :: skip fi;
    atomic { here; requireNewest(); forget(); half[to] = false; record[m].spoiled = NONE; record[m].phase = CHECKING;   /* sealed */ printf("%d sealed %d.%d\n", id, epoch, round);
        if :: !CLAIM -> consume(to) :: else fi };
checking:
    if :: goto failedBeforeSwitch :: skip fi;
    atomic { here; requireNewest(); record[m].ready = to; record[m].phase = READY; checked[to] = true; printf("%d checksPassed %d.%d\n", id, epoch, round) };   /* checksPassed */

preflightingSwitch:
    atomic { here; requireNewest(); look(); if :: live != from || seenEpoch > epoch || (KNOWN && isForeign) -> goto failedBeforeSwitch :: else fi };
    if :: SHARES -> goto sharing :: else fi;
intendingSwitch:
    atomic { here; requireNewest(); assert(FAR_DEPLOYS + FAR_ROLLBACKS || checked[to]);                   /* P3 */
        round++;
        datum = DATUM(epoch, round, 0, to); record[m].behind = record[m].behind | doubted; open(SWITCHING); purpose = SWITCHING; printf("%d switchIntended %d.%d\n", id, epoch, round) };                                           /* switchIntended */
    goto writing;
switched:
    atomic { here; requireNewest(); assert(REACH != 9 || record[m].intent != 0); record[m].live = to; record[m].proven = datum; record[m].wayBack = other(to); leaveBehind();   /* switched */
        record[m].ready = NONE; record[m].bake = 0; record[m].phase = SWITCHING; record[m].planTo = to;
        printf("%d switched %d.%d\n", id, epoch, round); assert(REACH != 1); assert(REACH != 7 || record[m].behind == 0) };
    if :: !BAKE -> goto ended :: else fi;

beginningBake:
    atomic { here; requireNewest(); assert(to == record[m].live);                                        /* P5 */
        printf("%d bakeBegan %d.%d\n", id, epoch, round); record[m].bake = 1; record[m].phase = BAKING };
baking:
    atomic { here; look(); if :: seenEpoch > epoch -> goto superseded :: live != to && seenEpoch <= epoch -> goto unsettling :: else fi };
    if
    :: atomic { here; requireNewest(); record[m].bake = 2; record[m].phase = JUDGED; printf("%d passed %d.%d\n", id, epoch, round); assert(REACH != 5 || !isRecovered) }; goto ended
    :: atomic { here; requireNewest(); record[m].bake = 3; record[m].phase = JUDGED; printf("%d failed %d.%d\n", id, epoch, round); from = to; to = other(from) };
       if :: goto rollingBack :: goto ended fi                                                           /* keptUnhealthy */
    :: goto ended                                                                                        /* inconclusive */
    fi;

rollingBack:
    atomic { here; requireNewest(); round++;
        datum = DATUM(epoch, round, CLAIM_DATUM, to); open(ROLLING_BACK); record[m].ready = NONE; purpose = ROLLING_BACK; printf("%d rollbackIntended %d.%d\n", id, epoch, round) };                              /* rollbackIntended */
    goto writing;
rolledBack:
    atomic { here; requireNewest(); record[m].live = to; record[m].wayBack = NONE; leaveBehind();   /* rolledBack */
        if :: record[m].bake == 3 -> failed[other(to)] = true :: else fi;
        record[m].ready = NONE; record[m].bake = 0; if :: record[m].spoiled == to -> record[m].spoiled = NONE :: else fi;
        if :: m == 0 -> checked[other(to)] = false :: else fi; printf("%d rolledBack %d.%d\n", id, epoch, round); assert(REACH != 3 || crashes == 0); assert(REACH != 6); assert(REACH != 11 || verb != RESUME) };
    goto ended;

sharing:
    atomic { here; requireNewest(); assert(FAR_DEPLOYS + FAR_ROLLBACKS || checked[to]);                   /* P3 */
        round++;
        datum = DATUM(epoch, round, 0, from) | SHARE; record[m].behind = record[m].behind | doubted; open(SHARING); purpose = SHARING; printf("%d canaryIntended %d.%d\n", id, epoch, round) };   /* canaryIntended */
    goto writing;
watchingShare:                                                                                           /* canaryJudged */
    if
    :: goto intendingSwitch
    :: SHARE_BACK -> goto undoing
    :: !SHARE_BACK -> goto undone
    :: atomic { here && faults < FAULTS -> faults++ }; goto unsettling
    fi;

undoing:
    atomic { here; requireNewest(); round++;
        datum = DATUM(epoch, round, CLAIM_DATUM, other(to)); open(UNDOING); record[m].ready = NONE; purpose = UNDOING; printf("%d undoIntended %d.%d\n", id, epoch, round) };                            /* undoIntended */
    goto writing;
undone:
    atomic { here; requireNewest();
        if :: UNDONE_SETTLES && claimed(record[m].intent) && color(record[m].intent) != record[m].live ->
                record[m].live = color(record[m].intent); record[m].wayBack = NONE; record[m].bake = 0; leaveBehind()
           :: else fi;
        record[m].intent = 0; record[m].ready = NONE; checked[to] = false;
        record[m].phase = UNDOING; printf("%d undone %d.%d\n", id, epoch, round); assert(REACH != 4) };
    goto ended;

levelling:
    atomic { here; requireNewest(); look(); if :: isShort || seenEpoch > epoch || contraryAt(0) || contraryAt(1) || contraryAt(2) -> goto failedBeforeSwitch :: else fi };
    atomic { here; requireNewest(); round++; datum = DATUM(epoch, round, claim == other(to), to); open(LEVELLING); purpose = LEVELLING; printf("%d levelIntended %d.%d\n", id, epoch, round) };
    goto writing;
levelled:
    atomic { here; requireNewest(); leaveBehind(); printf("%d levelled %d.%d\n", id, epoch, round); assert(REACH != 8) };
    goto ended;

adopting:
    if :: ADOPT_WRITES && record[m].intent != 0 ->
        atomic { here; requireNewest(); round++; datum = DATUM(epoch, round, claim != NONE, to); purpose = ADOPTING }; goto writing
    :: else fi;
adopted:
    atomic { here; requireNewest();
        if :: record[m].intent != 0 && wayHome == other(to) && wayHome != record[m].spoiled -> record[m].wayBack = other(to); record[m].ready = NONE :: else fi;   /* keepWayHome */
        if :: record[m].spoiled == to -> record[m].spoiled = NONE :: else fi;
        record[m].intent = 0; record[m].live = to; drift = false; printf("%d adopted %d.%d\n", id, epoch, round);
        if :: record[m].wayBack == to -> record[m].wayBack = NONE :: else fi };
    goto ended;

unsettling:
    atomic { here; requireNewest(); record[m].phase = UNSETTLED; printf("%d unsettled %d.%d\n", id, epoch, round); assert(REACH != 2);
        if :: !UNSETTLE -> record[m].intent = 0 :: else fi };
    goto ended;

unclaiming:     /* no router took the claim, so what it took from the record comes back */
    atomic { here; requireNewest(); record[m].wayBack = keptWayBack; record[m].spoiled = keptSpoiled; record[m].ready = keptReady; checked[to] = (keptReady == to); printf("%d no router took the claim\n", id);
        assert(REACH != 10 || keptWayBack == NONE); record[m].owner = 0; record[m].phase = ENDED; tellTheTruth(); goto done };
failedBeforeSwitch: ended:
    atomic { here; requireNewest(); record[m].owner = 0; record[m].phase = ENDED; record[m].proven = 0; printf("%d ended %d.%d\n", id, epoch, round); tellTheTruth(); goto done };
superseded:
    atomic { here; printf("%d superseded %d.%d\n", id, epoch, round); if :: lock[m] == id -> lock[m] = 0 :: else fi;
        if :: record[m].owner == id -> record[m].owner = 0; record[m].phase = ENDED; record[m].proven = 0; tellTheTruth() :: else fi };
done:
    atomic { forget();
#if TURNS
        seenOther = 0;
#endif
        entry = 0; purpose = 0; live = 0; claim = 0; from = 0; to = 0; epoch = 0; round = 0; datum = 0; r = 0; step = 0; unkept = 0;
        seenEpoch = 0; seenRecord = 0; former = 0; seen[0] = 0; seen[ROUTERS > 1] = 0; seen[(ROUTERS > 2) * 2] = 0; part = 0; took = false; stale = false; isShown = false; isWhole = false; isShort = false }
}

init {
    byte k, next = 1;
    atomic {
        record[0].epoch = 1; record[0].live = BLUE; checked[BLUE] = true; arrived[BLUE] = true; arrived[GREEN] = (START >= 2);
        k = 0; do :: k < ROUTERS -> effective[k] = DATUM(1, 1, 0, BLUE); durable[k] = effective[k]; k++ :: else -> break od;
        if
        :: START == 0 -> half[GREEN] = false
        :: START == 1 -> record[0].ready = GREEN; checked[GREEN] = true
        :: START == 2 -> record[0].wayBack = GREEN
        :: START == 3 -> record[0].wayBack = GREEN; durable[0] = DATUM(1, 0, 0, GREEN)
        fi;
        run Misfortune();
#if LATE
        k = 0; do :: k < ROUTERS -> run Network(k); k++ :: else -> break od;
#endif
        k = 0; do :: k < DEPLOYS -> run Run(DEPLOY, 0, next); next++; k++ :: else -> break od;
        k = 0; do :: k < SWITCHES -> run Run(SWITCH, 0, next); next++; k++ :: else -> break od;
        k = 0; do :: k < ROLLBACKS -> run Run(ROLLBACK, 0, next); next++; k++ :: else -> break od;
        k = 0; do :: k < RESUMES -> run Run(RESUME, 0, next); next++; k++ :: else -> break od;
        k = 0; do :: k < ADOPTS -> run Run(ADOPT, 0, next); next++; k++ :: else -> break od;
        k = 0; do :: k < FAR_DEPLOYS -> run Run(DEPLOY, 1, next); next++; k++ :: else -> break od;
        k = 0; do :: k < FAR_ROLLBACKS -> run Run(ROLLBACK, 1, next); next++; k++ :: else -> break od;
        k = 0; next = 0
    }
}
