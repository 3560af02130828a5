// Generated from `openapi.json` by `npm run client`. Do not edit.

export interface paths {
    "/ofrep/v1/evaluate/flags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Evaluates every flag that the reader may see. */
        post: operations["post /ofrep/v1/evaluate/flags"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ofrep/v1/evaluate/flags/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Evaluates one flag. */
        post: operations["post /ofrep/v1/evaluate/flags/{key}"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who changed what, newest first. */
        get: operations["get /v1/audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The backups that lie in the data directory, newest first. */
        get: operations["get /v1/backups"];
        put?: never;
        /** Writes a backup into the data directory while everything goes on. */
        post: operations["post /v1/backups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Many calls at once. */
        post: operations["post /v1/batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/browser-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mints a token with which the browser of one person reads what is shared of that person, and of
         *     nobody else.
         */
        post: operations["post /v1/browser-tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs, newest first, with their balances; `next` is where to go on. */
        get: operations["get /v1/campaigns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/audience": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same of a campaign that is being written. Its segments and its template are those in force. */
        post: operations["post /v1/campaigns/audience"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run with its balance. */
        get: operations["get /v1/campaigns/runs/{id}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/runs/{id}/{to}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pauses, resumes or cancels. When this is answered, it holds. */
        post: operations["post /v1/campaigns/runs/{id}/{to}"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{name}/audience": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who would get a campaign if it started now, and who would not, by reason: each person of the
         *     audience is judged as their message will be when it leaves. Of more than two thousand people a
         *     sample, with the bounds that hold 95 times of 100; everybody with `exact`.
         */
        get: operations["get /v1/campaigns/{name}/audience"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{name}/cost": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a campaign of text messages would cost if it started now: each text filled for a person,
         *     cut into parts, priced by the number that it goes to. Of more than a thousand people, a sample.
         */
        get: operations["get /v1/campaigns/{name}/cost"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{name}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What stands against starting a campaign now: `barred` says why it may not start, `warnings` what
         *     large mailbox providers may hold against it.
         */
        get: operations["get /v1/campaigns/{name}/start"];
        put?: never;
        /**
         * Starts a campaign. The audience is frozen when this is answered, unless `waits` says for which
         *     segment it waits that is still being built: each partition freezes its part once it is.
         *     `warnings` says what large mailbox providers may hold against it.
         */
        post: operations["post /v1/campaigns/{name}/start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The time that is believed, and what the machine's clock shows if it is not. */
        get: operations["get /v1/clock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clock/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says that the machine's clock is right although it stepped: what is due by it then happens. */
        post: operations["post /v1/clock/confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Names that begin with a prefix, the most frequent first. */
        get: operations["get /v1/complete"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Messages that ended because nobody carried them, and that can be tried again. */
        get: operations["get /v1/dead-letters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/drop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives dead letters up: what became of them stands in the ledger, and they cannot be tried again. */
        post: operations["post /v1/dead-letters/drop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries dead letters again: each as if it were new. Everything that may say no is asked again. */
        post: operations["post /v1/dead-letters/replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/definitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Definitions in force, by kind and name. */
        get: operations["get /v1/definitions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/definitions/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Publishes: all of it or nothing. With `expected` only if these revisions are in force, so that
         *     what somebody else published meanwhile is not lost. Each change says the revision that was in
         *     force (`from`) and the one that is now (`to`).
         */
        post: operations["post /v1/definitions/apply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/definitions/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Every fault, without changing anything. */
        post: operations["post /v1/definitions/check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/definitions/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What would change, and every fault. */
        post: operations["post /v1/definitions/plan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/definitions/{kind}/{name}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every revision of one definition, the newest first: what each said, and since when. Of one that
         *     was removed too: publishing an old revision again is how a mistake is taken back.
         */
        get: operations["get /v1/definitions/{kind}/{name}/revisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliverability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Complaints among delivered marketing by sender's domain, mailbox provider and day, and whose
         *     marketing is paused for them.
         */
        get: operations["get /v1/deliverability"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliverability/{domain}/{mailbox}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets marketing of a domain to a mailbox provider go on that was paused for complaints, or
         *     because it was refused for what its sender is.
         */
        post: operations["post /v1/deliverability/{domain}/{mailbox}/resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All destinations: how far each was told, how it answers, and why it is disabled if it is. */
        get: operations["get /v1/destinations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a disabled destination go on where it was. */
        post: operations["post /v1/destinations/{name}/resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{name}/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the next version of a destination in a folder or a bucket now, besides its schedule. */
        post: operations["post /v1/destinations/{name}/snapshots"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody who was erased: the hash of each name, when, and whether its bytes are gone. */
        get: operations["get /v1/erasures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures/sweep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes the last bytes of everybody who was erased out of log and store, now. */
        post: operations["post /v1/erasures/sweep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The accepted events that were accepted last, newest first. */
        get: operations["get /v1/events"];
        put?: never;
        /** Takes events. 202: those that were accepted are durable. */
        post: operations["post /v1/events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events as they are accepted. `event: accepted` has one, in the shape of the list; `event:
         *     skipped` says how many came faster than they were read. Goes on behind `Last-Event-ID`.
         */
        get: operations["get /v1/events/live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One event: as it was reported while that is remembered, and with `of` as its person's profile
         *     remembers it.
         */
        get: operations["get /v1/events/{id}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/explain/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Explains a message (`msg_…`), an event (`evt_…`) or a request (`trc_…`). */
        get: operations["get /v1/explain/{id}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Many calls of the past: they count, and never start or send anything. */
        post: operations["post /v1/import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the built-in provider has taken, newest first. */
        get: operations["get /v1/inbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inbox/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One message that the built-in provider has taken. */
        get: operations["get /v1/inbox/{id}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/journeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All journeys, those in force and those in which somebody still walks. */
        get: operations["get /v1/journeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/journeys/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One journey as a graph: walks at each step and on each edge. */
        get: operations["get /v1/journeys/{name}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All keys, without their secrets. */
        get: operations["get /v1/keys"];
        put?: never;
        /** Makes a key. The secret is shown here and never again. */
        post: operations["post /v1/keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{prefix}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a key. */
        delete: operations["delete /v1/keys/{prefix}"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All lists with the number of people on them. */
        get: operations["get /v1/lists"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lists/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One list. */
        get: operations["get /v1/lists/{name}"];
        /**
         * Replaces a list by the rows of one request: all of them or, if one has a fault, nothing. Whoever
         *     is in both is never off the list; whoever is not in it any more leaves.
         */
        put: operations["put /v1/lists/{name}"];
        /**
         * Puts people on a list, or takes them off: rows as NDJSON, CSV or JSON. 202: those that were
         *     accepted are durable and applied.
         */
        post: operations["post /v1/lists/{name}"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lists/{name}/dependents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who uses a list. */
        get: operations["get /v1/lists/{name}/dependents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lists/{name}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is on a list, with what it says of each and where that came from. */
        get: operations["get /v1/lists/{name}/members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lists/{name}/seal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends an upload of several requests that replaces a list: whoever it did not name leaves. */
        post: operations["post /v1/lists/{name}/seal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lookup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is shared of a profile: its segments (since when, until when at least), chosen attributes,
         *     its arms in experiments. Exact at the instant of asking: what time alone has changed is
         *     evaluated first. `building` names segments that are being built and have not come to this person
         *     yet; it is absent where there is none. For a key with the scope `lookup`, or a browser token,
         *     which reads one person.
         */
        get: operations["get /v1/lookup"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All members, by address. */
        get: operations["get /v1/members"];
        put?: never;
        /** Invites somebody. The link is shown here and never again; it lasts a week and works once. */
        post: operations["post /v1/members"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members/{email}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a member: every session ends, and the address may be invited anew. */
        delete: operations["delete /v1/members/{email}"];
        options?: never;
        head?: never;
        /** Changes name or role, disables or enables. */
        patch: operations["patch /v1/members/{email}"];
        trace?: never;
    };
    "/v1/members/{email}/invitation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes a new invitation, for somebody who lost a link or a password. What they had is worth
         *     nothing any more, and every session ends.
         */
        post: operations["post /v1/members/{email}/invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/membership-changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everybody who enters or leaves a segment, as it is decided, for a key with the scope `lookup`.
         *     Each event has the name under which it is told again, should that happen.
         */
        get: operations["get /v1/membership-changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/membership-changes/position": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the feed is: for who reads a snapshot first and the changes after it. */
        get: operations["get /v1/membership-changes/position"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages, newest first: of everybody, or of one person. Where few of many fit, an answer may be
         *     empty and say where to go on.
         */
        get: operations["get /v1/messages"];
        put?: never;
        /** Asks for a message. 202: it is durable, and its id is final. */
        post: operations["post /v1/messages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The whole ledger as NDJSON, in the order of ids. A message that is written while this runs may
         *     be in
         *     it or not.
         */
        get: operations["get /v1/messages/export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything about a message. */
        get: operations["get /v1/messages/{id}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A message as it was sent: the bytes where they are kept, otherwise rendered again. */
        get: operations["get /v1/messages/{id}/content"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens now: counts, rates, queues, what runs, how the server is, what needs a person. */
        get: operations["get /v1/overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/overview/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as server-sent events, once a second: `event: overview`. */
        get: operations["get /v1/overview/live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People by a name or its beginning, by a rule, or all of them. */
        get: operations["get /v1/profiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that is known about a profile. */
        get: operations["get /v1/profiles/{namespace}/{value}"];
        put?: never;
        post?: never;
        /**
         * Forgets a person: all that is known under any of their names. What they refused stays refused,
         *     by a hash that says nothing of them.
         */
        delete: operations["delete /v1/profiles/{namespace}/{value}"];
        options?: never;
        head?: never;
        /**
         * Puts attributes right: an event of the profile that says so, and by whom. Applied when this is
         *     answered.
         */
        patch: operations["patch /v1/profiles/{namespace}/{value}"];
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}/campaigns/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a profile did, or did not, get a campaign. */
        get: operations["get /v1/profiles/{namespace}/{value}/campaigns/{run}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The consents in force, now or at an instant of the past, and all statements with their source,
         *     wording and origin.
         */
        get: operations["get /v1/profiles/{namespace}/{value}/consents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The devices of a person. */
        get: operations["get /v1/profiles/{namespace}/{value}/devices"];
        /**
         * Registers a device: it is this person's from now on, and nobody else's. Applied when this is
         *     answered.
         */
        put: operations["put /v1/profiles/{namespace}/{value}/devices"];
        post?: never;
        /** Removes a device: by its name (`device`), or by `platform` and `token`. */
        delete: operations["delete /v1/profiles/{namespace}/{value}/devices"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that is known of a profile: attributes with the events that set them, names,
         *     consents with evidence, segments, runs, what waits in quarantine, timeline, messages.
         */
        get: operations["get /v1/profiles/{namespace}/{value}/export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}/identity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The names of a profile, and why it is one: rules, watchers, open questions, refusals, merges. */
        get: operations["get /v1/profiles/{namespace}/{value}/identity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}/journeys/{journey}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a profile is, or is not, in a journey, and what became of its messages. */
        get: operations["get /v1/profiles/{namespace}/{value}/journeys/{journey}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}/segments/{segment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a profile is, or is not, in a segment: the value of every leaf. */
        get: operations["get /v1/profiles/{namespace}/{value}/segments/{segment}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}/templates/{template}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a profile got, or did not get, messages by a template. */
        get: operations["get /v1/profiles/{namespace}/{value}/templates/{template}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profiles/{namespace}/{value}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to a person, newest first. */
        get: operations["get /v1/profiles/{namespace}/{value}/timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/{name}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends a test message through a provider, now and to this address only. It needs no consent, and
         *     an address that is suppressed gets none.
         */
        post: operations["post /v1/providers/{name}/test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/{name}/try": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Shows what a provider would be asked, and asks it unless it is a dry run: now, once, and for
         *     this address only. It needs no consent, and an address that is suppressed gets nothing.
         */
        post: operations["post /v1/providers/{name}/try"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/push/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The public key that a page subscribes with. */
        get: operations["get /v1/push/key"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/push/opened": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Somebody opened a push. The token is signed, so this is asked for without a key; it may be sent
         *     as `text/plain`, as a page's script does that must not wait for a preflight.
         */
        post: operations["post /v1/push/opened"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What waits because it does not fit its schema (`items`), and entries that could not be decided
         *     (`entries`).
         */
        get: operations["get /v1/quarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quarantine/drop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives events up for good. */
        post: operations["post /v1/quarantine/drop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quarantine/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries events again: those that fit now are applied, each once, as of when they happened. */
        post: operations["post /v1/quarantine/replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quarantine/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One event that waits, with every fault. */
        get: operations["get /v1/quarantine/{id}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ready queues with their age, providers with their circuit breakers and what they carried today,
         *     and the routes.
         */
        get: operations["get /v1/queues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Forgets events of a name, and their part in every aggregate. */
        post: operations["post /v1/retention"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schemas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every event that came in or is written down, and attributes. */
        get: operations["get /v1/schemas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schemas/attributes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is known of attributes. */
        get: operations["get /v1/schemas/attributes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schemas/events/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is known of an event: names, types, how often, since when, written down or not, and who
         *     uses it. No values.
         */
        get: operations["get /v1/schemas/events/{name}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Names every secret of the vault, without what it holds. */
        get: operations["get /v1/secrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Sets a secret. It is durable when this is answered, and whoever names it uses the new one from
         *     then on.
         */
        put: operations["put /v1/secrets/{name}"];
        post?: never;
        /** Forgets a secret that nobody names. */
        delete: operations["delete /v1/secrets/{name}"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All segments with their live counts. */
        get: operations["get /v1/segments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * How many people a rule holds for: from a sample, with the bounds that hold 95 times of 100, or
         *     counted with `exact`. A rule with faults is answered with them and without a number.
         */
        post: operations["post /v1/segments/estimate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One segment. */
        get: operations["get /v1/segments/{name}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments/{name}/dependents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who uses a segment, and would be broken without it: it cannot be removed while there is anybody. */
        get: operations["get /v1/segments/{name}/dependents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments/{name}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All members of a segment, by one of their aliases (or their id where they have none), sorted. */
        get: operations["get /v1/segments/{name}/members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/segments/{name}/trend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members of a segment over time. */
        get: operations["get /v1/segments/{name}/trend"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/senders/{name}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Looks up what is published of a sender, and says what is to be. */
        get: operations["get /v1/senders/{name}/check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether sending is paused, and the ready queues. */
        get: operations["get /v1/sending"];
        put?: never;
        /** Stops sending everywhere, or goes on. */
        post: operations["post /v1/sending"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in; 401 if nobody is, with `setup` where nobody can. */
        get: operations["get /v1/session"];
        put?: never;
        /** Signs in: answers who it is, and with the session's cookie. */
        post: operations["post /v1/session"];
        /** Signs out. */
        delete: operations["delete /v1/session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Chooses a password by an invitation, and signs in. */
        post: operations["post /v1/session/join"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Chooses another password. All sessions of the member end; this one begins anew. */
        post: operations["post /v1/session/password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Senders, providers, topics, policy and retention as the definitions say, and the limits. */
        get: operations["get /v1/settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All sources: how each stands and what it took. */
        get: operations["get /v1/sources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sources/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One source. */
        get: operations["get /v1/sources/{name}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sources/{name}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The files that a source took or could not read, the last first. */
        get: operations["get /v1/sources/{name}/files"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sources/{name}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks for files now, besides the schedule. */
        post: operations["post /v1/sources/{name}/run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Addresses that must not be written to, and why. Of erased people nothing is shown: of them a
         *     hash is kept.
         */
        get: operations["get /v1/suppressions"];
        put?: never;
        /** Suppresses an address. When this is answered, nothing leaves to it any more. */
        post: operations["post /v1/suppressions"];
        /** Lifts the suppression of an address. */
        delete: operations["delete /v1/suppressions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/held": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Providers of mailboxes whose hard bounces are not believed, and the addresses that are held. */
        get: operations["get /v1/suppressions/held"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/held/{keeper}/{to}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the guard of one provider: `confirm` puts in force what was held of it, `undo` forgets it. */
        post: operations["post /v1/suppressions/held/{keeper}/{to}"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suppresses addresses that were suppressed elsewhere. The first reason of each stands. Faulty
         *     ones are named by their place, and the others are taken all the same.
         */
        post: operations["post /v1/suppressions/import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All templates. */
        get: operations["get /v1/templates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * How a template looks for somebody: rendered by the engine that sends, with every fault and its
         *     place. Nothing is sent.
         */
        post: operations["post /v1/templates/preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One template with its text and its variables. */
        get: operations["get /v1/templates/{name}"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{name}/variables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The variables that a template uses: those that it needs of its event, and all with their parts. */
        get: operations["get /v1/templates/{name}/variables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{call}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** One call: `identify`, `track`, `page`, `screen`, `group`, `alias`. */
        post: operations["post /v1/{call}"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What became of the events. */
        Accepted: {
            /** @description Events that are durable. */
            accepted: number;
            /**
             * @description Events that are durable and do not fit their schema: they wait in quarantine until they are
             *     mended, each with every fault.
             */
            quarantined: Record<string, never>[];
            /** @description Events that were refused, each with every fault. */
            rejected: Record<string, never>[];
            /** @description What ties everything together that this request causes: `cauce explain` takes it. */
            trace: string;
        };
        /** @description An address, and why. */
        Address: {
            /** @description The address. */
            address: string;
            /** @description `email` or `phone`; `email` if absent. */
            namespace?: string | null;
            /** @description Why; shown with every refusal. */
            reason?: string;
        };
        /** @description What is tried again. */
        Again: {
            /**
             * @description …or everything.
             * @default false
             */
            all: boolean;
            /**
             * @description …or events of this name…
             * @default null
             */
            event: string | null;
            /**
             * @description What is mended in them before, beyond what the schema in force maps: `rename`, `cast`,
             *     `remove` by path; `live`: they may start journeys and send.
             */
            fix?: Record<string, never>;
            /**
             * @description These…
             * @default []
             */
            ids: string[];
            /**
             * @description …or with such a fault…
             * @default null
             */
            reason: string | null;
        };
        /** @description A rule as it is being written. */
        Asked: {
            /** @description Count everybody, however long that takes. */
            exact?: boolean;
            /** @description Its JSON form. */
            json?: Record<string, never> | null;
            /** @description Its text form. */
            rule?: string | null;
            /** @description The same. */
            text?: string | null;
        };
        /** @description What needs a person. */
        Attention: {
            /** @description What is so, by a stable word: for whoever says it in another language. */
            code: string;
            /** @description The page of the console that is about it, where there is one. */
            link?: string | null;
            /** @description The names and numbers in the words. */
            said: Record<string, never>;
            /** @description How bad. */
            state: components["schemas"]["HealthState"];
            /** @description Which part. */
            what: string;
            /** @description What is wrong, and what to do. */
            words: string;
        };
        /** @description One of a group. */
        AudienceExample: components["schemas"]["NamedProfile"] & {
            /** @description The same as the ledger has it, where it is a refusal. */
            said?: Record<string, never> | null;
            /** @description Why, with the numbers that led there; empty of those whose text has a gap. */
            why: string;
        };
        /** @description People whose message would have a hole: a variable without a value and without a fallback. */
        AudienceGap: components["schemas"]["PeopleCounted"] & {
            /** @description Some of them. */
            examples: components["schemas"]["AudienceExample"][];
            /** @description `subject`, `html` or `text`. */
            part: string;
            /** @description `profile.first_name`. */
            path: string;
        };
        /** @description People of the audience to whom the same would happen. */
        AudienceGroup: components["schemas"]["PeopleCounted"] & {
            /** @description Some of them. */
            examples: components["schemas"]["AudienceExample"][];
            /** @description Of those who get it later: when the first of them does. */
            first?: string | null;
            /** @description When the last of them does. */
            last?: string | null;
            /**
             * @description Why, by the stable word under which a refusal is counted; `unrenderable` where the text
             *     cannot be made, `not-ready` where its sender cannot sign.
             */
            reason: string;
        };
        /** @description A campaign that is being written. */
        AudienceRequest: {
            /** @description Its definition. */
            definition: Record<string, never>;
            /** @description Look at everybody, however long that takes. */
            exact?: boolean;
        };
        /** @description Those that lie in the data directory. */
        BackupList: {
            /** @description Newest first. */
            backups: components["schemas"]["BackupMade"][];
        };
        /** @description A backup that was made. */
        BackupMade: {
            /** @description When: everything until then is in it. */
            at: string;
            /**
             * Format: int64
             * @description Its size.
             */
            bytes: number;
            /** @description The file, on the server. */
            file: string;
        };
        /** @description One execution over all partitions, each term counted by itself. */
        Balance: {
            /** @description Whether planned + moved in − moved out is the sum of the other terms. */
            balances: boolean;
            /** @description Whether nothing is left to do anywhere. */
            done: boolean;
            /**
             * Format: int64
             * @description Refused by a provider for good, or not renderable.
             */
            failed: number;
            /** @description Whether every partition has frozen its part. */
            frozen: boolean;
            /**
             * Format: int64
             * @description Messages that came with an absorbed profile.
             */
            moved_in: number;
            /**
             * Format: int64
             * @description Messages that went with an absorbed profile.
             */
            moved_out: number;
            /**
             * Format: int64
             * @description Still waiting.
             */
            pending: number;
            /**
             * Format: int64
             * @description Members that the walk has come past: each has a message.
             */
            planned: number;
            /** @description Refusals by reason. */
            refusals: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Refused by policy.
             */
            refused: number;
            /**
             * Format: int64
             * @description Accepted by a provider.
             */
            sent: number;
            /**
             * Format: int64
             * @description Members of the frozen audience.
             */
            target: number;
            /**
             * Format: int64
             * @description May have left.
             */
            unknown: number;
        };
        /** @description A token that somebody wants. */
        BrowserTokenWanted: {
            /** @description Whose: `user_id:42`. */
            alias: string;
            /** @description Attributes it is limited to, of those that browsers may read. */
            attributes?: string[] | null;
            /** @description How long it lasts, such as `15m`, which is usual; a day at most. */
            expires_in?: string | null;
            /** @description Segments it is limited to, of those that browsers may read. */
            segments?: string[] | null;
        };
        /**
         * @description What would become of a campaign if it started now. `leaves`, `later`, `refused` and `failed` add
         *     up to `audience`.
         */
        CampaignAudience: {
            /**
             * Format: int64
             * @description People in its audience: counted, whatever was looked at.
             */
            audience: number;
            /** @description Whether those are all; otherwise the numbers of people are of a sample. */
            exact: boolean;
            /** @description Who would not get it because their message cannot be made. */
            failed: components["schemas"]["AudienceGroup"][];
            /** @description What would be missing in the messages of some who get it. */
            gaps: components["schemas"]["AudienceGap"][];
            /** @description Who would get it later, by why not now. */
            later: components["schemas"]["AudienceGroup"][];
            /** @description Who would get it at once. */
            leaves: components["schemas"]["PeopleCounted"];
            /**
             * Format: int64
             * @description People who were looked at.
             */
            looked_at: number;
            /** @description Who would not get it, by why. */
            refused: components["schemas"]["AudienceGroup"][];
            /** @description What is sent. */
            template: string;
            /** @description The audience is not whole yet: which segment is still being built, in words. */
            waits?: string | null;
        };
        /** @description What a campaign would cost if it started now. */
        CampaignCost: {
            /**
             * Format: int64
             * @description People in its audience.
             */
            audience: number;
            /** @description The campaign. */
            campaign: string;
            /** @description Whether those are all; otherwise the numbers below are scaled up. */
            exact: boolean;
            /**
             * Format: int64
             * @description People who were looked at.
             */
            looked_at: number;
            /**
             * Format: int64
             * @description Messages that would leave.
             */
            messages: number;
            /**
             * Format: int64
             * @description Parts of them, each of which is paid.
             */
            parts: number;
            /** @description Its template. */
            template: string;
            /** @description What they cost, parts times price, by currency. */
            totals: components["schemas"]["Money"][];
            /**
             * Format: int64
             * @description Messages of them without a known price.
             */
            unpriced: number;
            /** @description Who would get nothing, and why. */
            unsent: components["schemas"]["Unsent"][];
        };
        /** @description A campaign that is under way. */
        CampaignUnderWay: {
            /** @description Its numbers. */
            balance: components["schemas"]["Balance"];
            /** @description The campaign. */
            campaign: string;
            /**
             * Format: double
             * @description The share of its audience whose messages have ended, from 0 to 1.
             */
            progress: number;
            /**
             * Format: int64
             * @description The run.
             */
            run: number;
            /** @description When it was started. */
            started: string;
            /** @description `running` or `paused`. */
            state: string;
        };
        /** @description What was found. */
        Checked: {
            /** @description The domain of its From header. */
            domain: string;
            /** @description Everything that was found, part by part. */
            findings: Record<string, never>[];
            /** @description Whether nothing stands against it. */
            fine: boolean;
            /** @description The sender. */
            sender: string;
            /** @description What is to be published, as lines of a zone file. */
            zone: string;
        };
        /**
         * @description Where the content of a message comes from.
         * @enum {string}
         */
        ContentOrigin: "kept" | "rendered-again";
        /** @description What was counted. */
        Counted: {
            /**
             * Format: int64
             * @description Messages that a server took.
             */
            accepted: number;
            /**
             * Format: int64
             * @description Among how many messages complaints are counted.
             */
            among: number;
            /**
             * Format: int64
             * @description Readers who called it spam.
             */
            complaints: number;
            /**
             * Format: int64
             * @description Complaints among a million of them.
             */
            "complaints-per-million": number;
            /**
             * Format: int64
             * @description Messages that reached the mailbox, as far as somebody reports that.
             */
            delivered: number;
        };
        /** @description A message that somebody asks for. */
        Create: {
            /** @description Files, at most 1 MiB together. */
            attachments?: components["schemas"]["MessageFile"][];
            /** @description Not after (RFC 3339). */
            expire_at?: string | null;
            /** @description The same key within a day is the same message; also as the header `Idempotency-Key`. */
            idempotency_key?: string | null;
            /** @description What the template may use as `event`. */
            payload?: Record<string, never>;
            /** @description Not before (RFC 3339). */
            send_at?: string | null;
            /** @description The template's name. */
            template: string;
            /** @description To whom: aliases by namespace, for example `{"email": "ana@example.com"}`. */
            to: {
                [key: string]: string;
            };
        };
        /** @description What was made of it. */
        Created: {
            /** @description The message. */
            id: string;
            /** @description Whether the key had stood for it already. */
            repeated: boolean;
        };
        /** @description Which of them are meant. */
        DeadLettersChosen: {
            /**
             * @description …or all.
             * @default false
             */
            all: boolean;
            /**
             * @description …or those that ended with this code…
             * @default null
             */
            code: string | null;
            /**
             * @description These messages…
             * @default []
             */
            ids: string[];
        };
        /** @description What is to be different. */
        Difference: {
            /** @description Whether they may not sign in from now on; ends all sessions. */
            disabled?: boolean | null;
            /** @description The name from now on. */
            name?: string | null;
            role?: components["schemas"]["Role"] | null;
        };
        /** @description Events. */
        EventCounts: {
            /**
             * Format: int64
             * @description Accepted since the process began.
             */
            accepted: number;
            /**
             * Format: int64
             * @description Taken ever, without what was told twice.
             */
            ever: number;
            /** @description Accepted in each of the last 60 whole seconds, oldest first. */
            per_second: components["schemas"]["SecondCount"][];
            /**
             * Format: int64
             * @description Refused with their faults since the process began.
             */
            refused: number;
            /**
             * Format: int64
             * @description Inputs that wait to be decided.
             */
            waiting: number;
        };
        /** @description How many messages a person gets. */
        FrequencyCap: {
            /** @description Only on this channel; absent for all together. */
            channel?: string | null;
            /**
             * Format: int32
             * @description How many.
             */
            messages: number;
            /** @description Within which rolling window: `7d`. */
            window: string;
        };
        /** @description What is given up. */
        GiveUp: {
            /**
             * @description …or everything.
             * @default false
             */
            all: boolean;
            /**
             * @description …or events of this name…
             * @default null
             */
            event: string | null;
            /**
             * @description These…
             * @default []
             */
            ids: string[];
            /**
             * @description …or with such a fault…
             * @default null
             */
            reason: string | null;
            /**
             * @description Why.
             * @default
             */
            why: string;
        };
        /** @description How one part is. */
        Health: {
            /** @description What is so, by a stable word: for whoever says it in another language. */
            code: string;
            /** @description Where in the console. */
            link?: string | null;
            /** @description The names and numbers in the words. */
            said: Record<string, never>;
            /** @description How well it is. */
            state: components["schemas"]["HealthState"];
            /** @description What to do, where there is something to do. */
            todo?: string | null;
            /** @description Which part: `events`, `sending`, `provider mail`… */
            what: string;
            /** @description In words. */
            words: string;
        };
        /**
         * @description How well something is.
         * @enum {string}
         */
        HealthState: "ok" | "warn" | "bad";
        /** @description The inbox, newest first. */
        Inbox: {
            /**
             * Format: int64
             * @description Messages that arrived since the start of the process, kept or not.
             */
            arrived: number;
            /** @description The messages. */
            items: components["schemas"]["InboxItem"][];
            /** @description Where to go on. */
            next?: string | null;
        };
        /** @description A message of the inbox. */
        InboxItem: {
            /** @description When it was granted. */
            at?: string | null;
            /** @description Why it was sent, in a few words. */
            because?: string | null;
            /** @description By which channel: `email`, `sms` or `push`. */
            channel: string;
            /** @description From whom. */
            from: string;
            /** @description The message. */
            message: string;
            /**
             * Format: int64
             * @description Counts from one in the order of arrival.
             */
            number: number;
            /** @description The subject; the begin of a text message, the title of a push. */
            subject: string;
            /** @description By which template. */
            template?: string | null;
            /** @description To whom: an address, a number, or devices. */
            to: string;
        };
        /** @description A message of the inbox with its content. */
        InboxMessage: components["schemas"]["InboxItem"] & {
            /** @description The alphabet of a text message: `gsm7` or `ucs2`. */
            alphabet?: string | null;
            /** @description What an app gets with a push besides. */
            data: {
                [key: string]: string;
            };
            /** @description The headers; of other messages what surrounds the text, such as devices. */
            headers: components["schemas"]["MessageHeader"][];
            /** @description The HTML part. */
            html?: string | null;
            /** @description The parts in which a text message leaves. */
            parts: string[];
            /** @description The plain part, the whole text, or the body of a push. */
            text?: string | null;
        };
        /** @description Who joins. */
        Joining: {
            /** @description The password from now on: at least 12 characters. */
            password: string;
            /** @description The last part of the invitation's link. */
            token: string;
        };
        /** @description A way from one step to another. */
        JourneyEdge: {
            /** @description The step that it leaves. */
            from: string;
            /**
             * Format: int64
             * @description Walks that took it.
             */
            passed: number;
            /** @description The step that it leads to. */
            to: string;
            /** @description When it is taken, where there is a choice. */
            when?: string | null;
        };
        /** @description A journey as a graph. */
        JourneyGraph: {
            /**
             * Format: int64
             * @description Walks that ended, of this revision.
             */
            completed: number;
            /**
             * Format: int32
             * @description The revision in force, if it is in force.
             */
            current?: number | null;
            /** @description The ways between them. */
            edges: components["schemas"]["JourneyEdge"][];
            /**
             * Format: int64
             * @description Walks that began, of this revision.
             */
            entered: number;
            /** @description What lets people in, in words. */
            entry: string;
            /** @description The rule that ends a walk, if there is one. */
            exit_when?: string | null;
            /** @description The first step. */
            first: string;
            /**
             * Format: int64
             * @description Walks that go on, of this revision.
             */
            inside: number;
            /** @description Its name. */
            name: string;
            /** @description How often a person may enter. */
            policy: string;
            /** @description When what is in force was published. */
            published?: string | null;
            /**
             * Format: int32
             * @description The revision that is shown.
             */
            revision: number;
            /** @description All revisions that somebody walked. */
            revisions: components["schemas"]["JourneyRevision"][];
            /** @description The steps, each behind all that lead to it. */
            steps: components["schemas"]["JourneyStep"][];
            /** @description The definition as a file has it (YAML). */
            text: string;
            /**
             * Format: int64
             * @description Walks of all revisions that began before ways were counted: they are in no number above,
             *     but for where they went since.
             */
            uncounted: number;
        };
        /** @description Journeys. */
        JourneyList: {
            /** @description By name. */
            items: components["schemas"]["JourneyListed"][];
            /** @description Where to go on: all are in one answer. */
            next?: string | null;
        };
        /** @description A journey, in a list. */
        JourneyListed: {
            /**
             * Format: int64
             * @description Walks that ended.
             */
            completed: number;
            /**
             * Format: int64
             * @description Walks that began, of all revisions.
             */
            entered: number;
            /**
             * Format: int64
             * @description Walks that go on.
             */
            inside: number;
            /** @description Whether people may still enter; a removed journey has only walks that go on. */
            live: boolean;
            /** @description Its name. */
            name: string;
            /**
             * Format: int32
             * @description The revision in force.
             */
            revision: number;
        };
        /** @description The walks of one revision. */
        JourneyRevision: {
            /**
             * Format: int64
             * @description Walks that began.
             */
            entered: number;
            /**
             * Format: int64
             * @description Walks that go on.
             */
            inside: number;
            /**
             * Format: int32
             * @description Its number.
             */
            revision: number;
        };
        /** @description A step of a journey. */
        JourneyStep: {
            /**
             * Format: int64
             * @description Walks that came here.
             */
            came: number;
            /**
             * Format: int64
             * @description Walks that ended here.
             */
            ended: number;
            /** @description Its name. */
            id: string;
            /** @description `message`, `wait`, `wait-for`, `if`, `set` or `exit`. */
            kind: string;
            /** @description The template of a message. */
            template?: string | null;
            /**
             * Format: int64
             * @description Walks that are here now.
             */
            waiting: number;
            /** @description What it does. */
            words: string;
        };
        /** @description A key that somebody wants. */
        KeyWanted: {
            /** @description What it is for. */
            name: string;
            /**
             * @description `write` (reports events), `lookup` (reads what is shared), `lists` (uploads
             *     lists) or `admin`.
             */
            scope: string;
        };
        /** @description How late things are. */
        Lateness: {
            /**
             * Format: int64
             * @description How long the oldest message of an open queue has been due.
             */
            queues_ms: number;
            /**
             * Format: int64
             * @description How long the oldest timer has been due.
             */
            timers_ms: number;
        };
        /** @description A member that somebody wants. */
        MemberWanted: {
            /** @description The address. */
            email: string;
            /** @description The name; the address if absent. */
            name?: string | null;
            /** @description What they may do. */
            role: components["schemas"]["Role"];
        };
        /** @description The content of a message. */
        MessageContent: {
            /** @description What keeps it from being rendered again. */
            diagnostics: components["schemas"]["TemplateFinding"][];
            /** @description The headers, where the bytes are kept. */
            headers: components["schemas"]["MessageHeader"][];
            /** @description The HTML part. */
            html?: string | null;
            /** @description The message. */
            id: string;
            /** @description Whether this is what left, or what would leave now. */
            origin: components["schemas"]["ContentOrigin"];
            /**
             * Format: int32
             * @description Its revision.
             */
            revision: number;
            /** @description The subject. */
            subject?: string | null;
            /** @description The template and its revision. */
            template: string;
            /** @description The plain part, or the body of a request. */
            text?: string | null;
            /** @description To which address, if one was granted. */
            to?: string | null;
            /** @description The same in words. */
            words: string;
        };
        /** @description Messages, since the installation began. */
        MessageCounts: {
            /**
             * Format: int64
             * @description Reported as bounced.
             */
            bounced: number;
            /**
             * Format: int64
             * @description Clicks by people.
             */
            clicked: number;
            /**
             * Format: int64
             * @description Clicks that are a machine's, or nobody knows whose.
             */
            clicked_by_machines: number;
            /**
             * Format: int64
             * @description Reported as spam.
             */
            complained: number;
            /**
             * Format: int64
             * @description Reported as delivered.
             */
            delivered: number;
            /**
             * Format: int64
             * @description Refused by a provider for good, or not renderable.
             */
            failed: number;
            /** @description Granted and not settled. */
            in_flight: number;
            /**
             * Format: int64
             * @description Opens by people.
             */
            opened: number;
            /**
             * Format: int64
             * @description Opens that are a machine's, or nobody knows whose.
             */
            opened_by_machines: number;
            /** @description Accepted by a provider in each of the last 60 whole seconds, oldest first. */
            per_second: components["schemas"]["SecondCount"][];
            /** @description Refused by our own policy, by reason. */
            refused: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Accepted by a provider.
             */
            sent: number;
            /**
             * Format: int64
             * @description May have left.
             */
            unknown: number;
            /**
             * Format: int64
             * @description Withdrawals through a link.
             */
            unsubscribed: number;
        };
        /** @description A file that travels with a message. */
        MessageFile: {
            /** @description Its bytes in base64. */
            content: string;
            /** @description Its media type: `application/pdf`. */
            "content-type": string;
            /** @description What the HTML calls it (`cid:logo`), if it is a picture in the text. */
            "inline-id"?: string | null;
            /** @description Its name as the reader sees it. */
            name: string;
        };
        /** @description A header. */
        MessageHeader: {
            /** @description Its name. */
            name: string;
            /** @description Its value, decoded. */
            value: string;
        };
        /** @description Messages, newest first. */
        MessageList: {
            /** @description Everything that was made later than this was looked at; absent if all was. */
            back_to?: string | null;
            /** @description Messages that this answer looked at. */
            looked_at: number;
            /** @description The messages. */
            messages: Record<string, never>[];
            /**
             * @description Where to go on; absent at the end. It may be there although nothing was found: an answer
             *     looks at so many and no more.
             */
            next?: string | null;
        };
        /** @description An amount of money. */
        Money: {
            /** @description The currency (ISO 4217). */
            currency: string;
            /**
             * Format: double
             * @description How much.
             */
            total: number;
        };
        /** @description A profile by the first of its names. */
        NamedProfile: {
            /** @description The namespace of a name of theirs: `user_id`, or `email`, or the first. */
            namespace?: string | null;
            /** @description The profile. */
            profile: string;
            /** @description The name. */
            value?: string | null;
        };
        /** @description Marketing of one domain to one mailbox provider on one day. */
        OfDay: components["schemas"]["Counted"] & {
            /** @description The day (UTC). */
            day: string;
            /** @description The domain of the From address. */
            domain: string;
            /** @description The mailbox provider. */
            mailbox: string;
        };
        /** @description One event, as far as it is known. */
        OneEvent: {
            /** @description About whom, the strongest name first. */
            aliases: components["schemas"]["PersonName"][];
            /** @description Attributes that it sets; absent where only its profile remembers it. */
            attributes?: Record<string, never> | null;
            /** @description Its id. */
            id: string;
            /** @description What happened. */
            name: string;
            /** @description When it happened. */
            occurred_at: string;
            /** @description What it says. */
            properties: Record<string, never>;
            /** @description When it was accepted. */
            received_at: string;
            /** @description What it caused, while that is remembered: `GET /v1/explain/{trace}`. */
            trace?: string | null;
        };
        /** @description What an app shows when its person opened a push. */
        Opened: {
            /** @description What came as `cauce` in the payload. */
            token: string;
        };
        /** @description What happens now. */
        Overview: {
            /** @description When this was looked at. */
            at: string;
            /** @description What needs a person. */
            attention: components["schemas"]["Attention"][];
            /** @description Segments that are being built. */
            builds: components["schemas"]["SegmentBuild"][];
            /** @description Campaigns under way, newest first. */
            campaigns: components["schemas"]["CampaignUnderWay"][];
            /** @description Events. */
            events: components["schemas"]["EventCounts"];
            /** @description How each part of the server is. */
            health: components["schemas"]["Health"][];
            /** @description How late things are. */
            lateness: components["schemas"]["Lateness"];
            /** @description Messages. */
            messages: components["schemas"]["MessageCounts"];
            /**
             * Format: int64
             * @description Profiles that there are or were.
             */
            profiles: number;
            /** @description Ready queues in which something is due. */
            queues: components["schemas"]["ReadyQueue"][];
            /**
             * Format: int64
             * @description Since when the process runs, in seconds.
             */
            up_seconds: number;
        };
        /** @description Who signs in. */
        Pair: {
            /** @description The member's address. */
            email: string;
            /** @description The password. */
            password: string;
        };
        /** @description A password in place of another. */
        Passwords: {
            /** @description The password from now on: at least 12 characters. */
            new: string;
            /** @description The password until now. */
            old: string;
        };
        /** @description Marketing that is paused. */
        PausedFor: components["schemas"]["Counted"] & {
            /** @description The domain of the From address. */
            domain: string;
            /** @description The mailbox provider. */
            mailbox: string;
            /** @description What the mailbox provider's server said, if it is because it refuses what the sender is. */
            refusal?: string | null;
            /** @description Since when. */
            since: string;
        };
        /** @description So many people. */
        PeopleCounted: {
            /**
             * Format: int64
             * @description The most that it may be.
             */
            high: number;
            /**
             * Format: int64
             * @description The least that it may be, 95 times of 100; the same where everybody was looked at.
             */
            low: number;
            /**
             * Format: int64
             * @description How many; of a sample, scaled up to the audience.
             */
            people: number;
        };
        /** @description People. */
        PersonList: {
            /** @description Those that were found. */
            items: components["schemas"]["PersonListed"][];
            /**
             * Format: int64
             * @description People, or names, that were looked at so far, the requests before included.
             */
            looked_at: number;
            /** @description Where to go on. A rule may have found nobody yet and go on all the same. */
            next?: string | null;
            /**
             * Format: int64
             * @description People that there are, erased and absorbed ones included; absent in a search by name.
             */
            of?: number | null;
        };
        /** @description A person in a list. */
        PersonListed: {
            /** @description Some of what is known, by name. */
            attributes: Record<string, never>;
            /** @description When it was first seen. */
            created: string;
            found_by?: components["schemas"]["PersonName"] | null;
            /** @description The profile. */
            id: string;
            /** @description Its names; the first opens it. */
            names: components["schemas"]["PersonName"][];
        };
        /** @description A name of a person. */
        PersonName: {
            /** @description Which kind of name. */
            namespace: string;
            /** @description The name. */
            value: string;
        };
        /** @description What the workspace allows. */
        PolicySettings: {
            /**
             * @description Whether a message may be sent only where the person said yes, unless its topic says
             *     otherwise.
             */
            consent_required: boolean;
            /** @description The zone of people whose zone is unknown. */
            default_zone: string;
            /** @description How many messages a person gets. */
            frequency_caps: components["schemas"]["FrequencyCap"][];
            /**
             * Format: int32
             * @description People in a thousand that get no marketing at all.
             */
            holdout_per_mille: number;
            /** @description How long a marketing message may wait: `3d`. */
            message_lifetime: string;
            quiet_hours?: components["schemas"]["QuietHours"] | null;
            /** @description `monday`, `saturday` or `sunday`. */
            week_starts: string;
        };
        /** @description What to look at: a template by name, or one that is being written. */
        PreviewRequest: {
            /** @description A definition that goes before it. */
            definition?: Record<string, never> | null;
            /** @description The properties of an event that the template may use as `event`. */
            event?: Record<string, never>;
            profile?: components["schemas"]["PersonName"] | null;
            /** @description The template's name. */
            template?: string | null;
            /** @description The number that a text message would go to: its price and the rules of its country are said. */
            to?: string | null;
        };
        /** @description An answer that is a no. */
        Problem: {
            /** @description The stable word; its page is `docs/errors/<code>.md`. */
            code: string;
            /** @description What failed, on which thing. */
            detail: string;
            /** @description Every fault, each with its place. */
            fields?: Record<string, never>[];
            /** @description What to do. */
            hint?: string | null;
            /** @description The installation has no member yet, so that nobody can sign in. */
            setup?: boolean;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
        };
        /** @description A request, with its secrets masked. */
        ProviderRequest: {
            /** @description Whether the body is shown in base64. */
            base64: boolean;
            /** @description The body, as it is, or in base64 where it is no text. */
            body: string;
            /** @description The headers that are ours to say, in their order; the connection's own come besides. */
            headers: [
                string,
                string
            ][];
            /** @description The method; `SMTP` where it is no request of HTTP, `INBOX` where nothing leaves at all. */
            method: string;
            /** @description The address. */
            url: string;
        };
        /** @description Who carries messages. */
        ProviderSettings: {
            /**
             * Format: int64
             * @description Attempts in about the last five minutes that it accepted.
             */
            accepted: number;
            /** @description What it carries. */
            channel: string;
            /**
             * Format: int32
             * @description Attempts that may be under way at once.
             */
            in_flight: number;
            /** @description `smtp`, `webhook` or `catch-all`. */
            kind: string;
            /** @description What the last of those came to. */
            last_failure?: string | null;
            /** @description When. */
            last_failure_at?: string | null;
            /** @description Its name. */
            name: string;
            /**
             * Format: int32
             * @description Messages a second; absent: as fast as it takes them.
             */
            per_second?: number | null;
            /** @description Where it is: the host, never what one logs in with. */
            reached: string;
            /**
             * Format: int64
             * @description Attempts in about the last five minutes that it refused.
             */
            refused: number;
            /** @description What keeps its messages from leaving, if anything does. */
            trouble?: string | null;
            /**
             * Format: int64
             * @description Attempts in about the last five minutes that did not reach it.
             */
            unreached: number;
            /** @description Whether messages of its channel go to it. */
            used: boolean;
        };
        /** @description A test. */
        ProviderTest: {
            /** @description Who writes (e-mail); the only sender if absent. */
            sender?: string | null;
            /**
             * @description The template that makes the request (webhook); the only one of the channel if absent. With
             *     one an e-mail is what that makes of nobody in particular, and a few plain words without.
             */
            template?: string | null;
            /** @description The address. */
            to: string;
            /**
             * @description What the template may use: `profile` and `event`, each an object. `event.to` is the address
             *     if nothing else is said.
             */
            values?: {
                [key: string]: Record<string, never>;
            };
        };
        /**
         * @description How a test ended.
         * @enum {string}
         */
        ProviderTestOutcome: "accepted" | "refused" | "unreachable" | "unknown" | "not-sent";
        /** @description What a test came to. */
        ProviderTestResult: {
            /** @description The provider's answer as it was given. */
            answer?: string | null;
            /** @description What to do, if there is something to do. */
            hint?: string | null;
            /** @description The id under which it was sent; `GET /v1/inbox/{id}` has it where the provider is built in. */
            message: string;
            /** @description How it ended. */
            outcome: components["schemas"]["ProviderTestOutcome"];
            /**
             * Format: int64
             * @description How long it took.
             */
            took_ms: number;
            /** @description The same in words. */
            words: string;
        };
        /** @description What is tried. */
        ProviderTrial: components["schemas"]["ProviderTest"] & {
            /** @description Whether the request is only shown: nothing leaves, no token is asked for. */
            dry_run?: boolean;
        };
        /** @description What a trial came to. */
        ProviderTrialResult: {
            /** @description The provider's answer as it was given. */
            answer?: string | null;
            /** @description What to do, if there is something to do. */
            hint?: string | null;
            /**
             * @description What that means for a message, in the words of the ledger: `accepted`, `retry: throttled`,
             *     `failed: invalid-recipient`.
             */
            means?: string | null;
            /** @description The id of the message. */
            message: string;
            outcome?: components["schemas"]["ProviderTestOutcome"] | null;
            request?: components["schemas"]["ProviderRequest"] | null;
            /**
             * Format: int64
             * @description How long it took.
             */
            took_ms: number;
            /** @description The same in words. */
            words: string;
        };
        /** @description How large a push is for a service. */
        PushSize: {
            /** @description Bytes of its payload with these values. */
            bytes: number;
            /** @description The most that the service takes. */
            bytes_max: number;
            /** @description `apns`, `fcm` or `web`. */
            way: string;
        };
        /** @description When nobody is written to. */
        QuietHours: {
            /** @description `21:00`, in the person's zone. */
            from: string;
            /** @description `08:00`. */
            to: string;
        };
        /** @description A ready queue. */
        ReadyQueue: {
            /** @description Whether there are more than were counted. */
            at_least: boolean;
            /** @description Its class. */
            class: string;
            /** @description Whether it is closed: its campaign is paused. */
            closed: boolean;
            /** @description Messages that are due. */
            due: number;
            /**
             * Format: int64
             * @description How long the oldest has been due.
             */
            oldest_seconds: number;
            /** @description Its name: the provider, and the campaign if there is one. */
            path: string;
        };
        /** @description An accepted event. */
        RecentEvent: {
            /** @description About whom, the strongest name first. */
            aliases: components["schemas"]["PersonName"][];
            /** @description Attributes that it sets. */
            attributes: Record<string, never>;
            /** @description Statements about consent that came with it. */
            consents: number;
            /** @description Whether it belongs to the past, and starts and sends nothing. */
            historical: boolean;
            /** @description Its id. */
            id: string;
            /** @description What happened. */
            name: string;
            /**
             * Format: int64
             * @description Its place among the events since the start of the process.
             */
            number: number;
            /** @description When it happened. */
            occurred_at: string;
            /**
             * Format: int32
             * @description In which partition it was taken.
             */
            partition: number;
            /** @description What it says. */
            properties: Record<string, never>;
            /** @description When it was accepted. */
            received_at: string;
            /** @description What it caused: `GET /v1/explain/{trace}`. */
            trace: string;
        };
        /** @description Events, newest first. */
        RecentEvents: {
            /**
             * Format: int64
             * @description Events accepted since the start of the process, remembered or not.
             */
            accepted: number;
            /** @description The events. */
            items: components["schemas"]["RecentEvent"][];
            /** @description Remembered events that this answer looked at… */
            looked_at: number;
            /** @description Where to go on; absent at the end of what is remembered. */
            next?: string | null;
            /** @description …of so many. */
            of: number;
            /** @description When the oldest that is remembered was accepted. */
            since?: string | null;
        };
        /** @description What is right. */
        Rectified: {
            /** @description Attributes by name; `null` removes one. */
            attributes: Record<string, never>;
        };
        /** @description What to forget. */
        Retention: {
            /** @description What occurred before it is forgotten (RFC 3339). */
            before: string;
            /** @description The event's name. */
            event: string;
        };
        /** @description How long events of a name are kept. */
        RetentionSettings: {
            /** @description The event's name. */
            event: string;
            /** @description `90d`; others are kept as long as the profile. */
            kept: string;
        };
        /**
         * @description What a member may do.
         * @enum {string}
         */
        Role: "viewer" | "editor" | "owner";
        /** @description How many in one second. */
        SecondCount: {
            /** @description When it began. */
            at: string;
            /**
             * Format: int64
             * @description How many.
             */
            count: number;
        };
        /** @description What is said of a secret. */
        SecretTold: {
            /** @description When it was set. */
            at: string;
            /** @description Its name; definitions write `vault:NAME`. */
            name: string;
            /** @description Whether it can be opened with the key of the vault that the server has. */
            opens: boolean;
            /** @description Which definitions in force name it: `provider/mail`. */
            used_by: string[];
        };
        /** @description A secret. */
        SecretWanted: {
            /** @description What is kept, exactly; at most 32 KiB. */
            value: string;
        };
        /** @description All secrets, without what they hold. */
        SecretsTold: {
            /** @description By name. */
            secrets: components["schemas"]["SecretTold"][];
        };
        /** @description A segment that is being built. */
        SegmentBuild: {
            /**
             * Format: int64
             * @description Profiles for which it is built…
             */
            built: number;
            /**
             * Format: int64
             * @description …of so many.
             */
            of: number;
            /** @description The segment. */
            segment: string;
        };
        /** @description The members of a segment over time. */
        SegmentTrend: {
            /** @description When this was asked. */
            at: string;
            /** @description How close the samples lie. */
            every: components["schemas"]["TrendEvery"];
            /**
             * Format: int64
             * @description Members now.
             */
            members: number;
            /**
             * @description Samples, oldest first, each exact at its instant. None is there for a time in which the
             *     server did not run.
             */
            points: components["schemas"]["TrendPoint"][];
            /** @description The segment. */
            segment: string;
            /** @description When the first sample was taken: before it nothing is known. */
            since?: string | null;
        };
        /** @description A name and an address. */
        SenderAddress: {
            /** @description The address. */
            address: string;
            /** @description Shown to the reader; may be empty. */
            name: string;
        };
        /** @description Who writes. */
        SenderSettings: {
            /** @description The From header. */
            from: components["schemas"]["SenderAddress"];
            /** @description Its name. */
            name: string;
            reply_to?: components["schemas"]["SenderAddress"] | null;
            /** @description The domain to which bounces return. */
            return_path_domain: string;
            /** @description Who signs. */
            signatures: components["schemas"]["SenderSignature"][];
            /** @description What keeps its messages from leaving, if anything does. */
            trouble?: string | null;
        };
        /** @description A signature of a sender. */
        SenderSignature: {
            /** @description `rsa` or `ed25519`. */
            algorithm: string;
            /** @description The domain. */
            domain: string;
            /** @description The selector. */
            selector: string;
        };
        /** @description Pausing or going on. */
        Sending: {
            /** @description Why sending stops; absent to go on. */
            paused?: string | null;
        };
        /** @description A bound that nobody can change. */
        ServerLimit: {
            /** @description The stable word. */
            name: string;
            /**
             * Format: int64
             * @description The bound.
             */
            value: number;
            /** @description What it bounds. */
            words: string;
        };
        /** @description The process. */
        ServerSettings: {
            /**
             * Format: int32
             * @description Days for which backups are kept.
             */
            backups_keep_days: number;
            /** @description Whether development pages are served. */
            development: boolean;
            /**
             * Format: int32
             * @description Partitions of the installation.
             */
            partitions: number;
            /**
             * Format: int64
             * @description The plan in force.
             */
            plan: number;
            /** @description The public address. */
            public_url: string;
            /** @description The version of the program. */
            version: string;
        };
        /** @description What the workspace is made of. */
        Settings: {
            /** @description Bounds. */
            limits: components["schemas"]["ServerLimit"][];
            /** @description What the workspace allows. */
            policy: components["schemas"]["PolicySettings"];
            /** @description Who carries. */
            providers: components["schemas"]["ProviderSettings"][];
            /** @description How long events are kept. */
            retention: components["schemas"]["RetentionSettings"][];
            /** @description Who writes. */
            senders: components["schemas"]["SenderSettings"][];
            /** @description The process. */
            server: components["schemas"]["ServerSettings"];
            /** @description What people can consent to. */
            topics: components["schemas"]["TopicSettings"][];
        };
        /** @description How everything stands. */
        Standings: {
            /** @description From how many complaints among a million somebody should look, by mailbox provider. */
            "alert-per-million": {
                [key: string]: number;
            };
            /** @description Day by day, the newest first. */
            days: components["schemas"]["OfDay"][];
            /** @description From how many marketing stops. */
            "pause-per-million": {
                [key: string]: number;
            };
            /** @description Whose marketing to whom is paused. */
            paused: components["schemas"]["PausedFor"][];
            /** @description When the limits were collected. */
            "rules-as-of": string;
            /** @description Senders by what their last examination found at worst. */
            senders: {
                [key: string]: string;
            };
            /** @description How what was sent today stands. */
            today: components["schemas"]["Today"][];
        };
        /** @description Addresses that somebody else suppressed. */
        SuppressionImport: {
            /** @description The addresses. */
            items: components["schemas"]["SuppressionItem"][];
        };
        /** @description One of them. */
        SuppressionItem: {
            /** @description The address. */
            address: string;
            /** @description What shows it. */
            evidence?: string;
            /** @description `email` or `phone`; `email` if absent. */
            namespace?: string | null;
            /** @description Why: `hard-bounce`, `complaint`…; `import` if absent. */
            reason?: string;
        };
        /** @description What a sweep did. */
        Swept: {
            /** @description When it began: who was erased before is gone. */
            at: string;
            /** @description Whether the store was compacted. */
            compacted: boolean;
            /**
             * Format: int64
             * @description Entries of the log that lost their body.
             */
            entries: number;
        };
        /** @description What became of the rows. */
        Taken: {
            /** @description Rows that are durable, and applied. */
            accepted: number;
            /** @description Rows that were refused, each with every fault. */
            rejected: Record<string, never>[];
            /** @description What ties everything together that this request causes: `cauce explain` takes it. */
            trace: string;
        };
        /** @description Something that an author should know. */
        TemplateFinding: {
            /** @description The stable word. */
            code: string;
            /**
             * Format: int32
             * @description The character in the line, from 1.
             */
            column?: number | null;
            /**
             * Format: int32
             * @description One past its end.
             */
            end?: number | null;
            /** @description What to do. */
            hint?: string | null;
            /**
             * Format: int32
             * @description The line, from 1.
             */
            line?: number | null;
            /** @description What is wrong. */
            message: string;
            /** @description `subject`, `html` or `text`; empty for the whole. */
            part: string;
            /** @description `error` or `warning`. */
            severity: string;
            /**
             * Format: int32
             * @description Where in the part it begins, in bytes.
             */
            start?: number | null;
        };
        /** @description Templates. */
        TemplateList: {
            /** @description By name. */
            items: components["schemas"]["TemplateListed"][];
            /** @description Where to go on: all are in one answer. */
            next?: string | null;
        };
        /** @description A template, in a list. */
        TemplateListed: {
            /** @description `email` or another channel. */
            channel: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: int32
             * @description Its revision.
             */
            revision: number;
            /** @description Who writes; the only sender if absent. */
            sender?: string | null;
            /** @description The subject, with its holes. */
            subject: string;
            /** @description The topic; absent for transactional templates. */
            topic?: string | null;
            /** @description What uses it: `journey welcome`, `campaign monthly`, `topic news`. */
            used_by: string[];
        };
        /** @description How it looks. */
        TemplatePreview: {
            cost?: components["schemas"]["TextMessageCost"] | null;
            /** @description What an author should know, errors first. */
            diagnostics: components["schemas"]["TemplateFinding"][];
            /** @description The HTML part; absent where there is none or it cannot be filled. */
            html?: string | null;
            /** @description Whether a message like this would leave. */
            sendable: boolean;
            /** @description How large it is for each service (push). */
            sizes?: components["schemas"]["PushSize"][];
            /** @description The subject (e-mail); absent where it cannot be filled. */
            subject?: string | null;
            /** @description The plain part, or the body of a request. */
            text?: string | null;
            /** @description The variables, and which have no value here. */
            variables: components["schemas"]["TemplateVariable"][];
        };
        /** @description A template with its text. */
        TemplateShown: components["schemas"]["TemplateListed"] & {
            /** @description The definition as a file has it (YAML). */
            definition: string;
            /** @description The HTML part, with its holes. */
            html?: string | null;
            /** @description Paths that a message by it needs of its event. */
            needed: string[];
            /** @description The plain part, with its holes; made of the HTML where it is absent. */
            text?: string | null;
            /** @description Whether links are rewritten and a pixel is added. */
            tracking: boolean;
            /** @description The variables that it uses. */
            variables: components["schemas"]["TemplateVariable"][];
        };
        /** @description A variable of a template. */
        TemplateVariable: {
            /** @description Whether its absence shows no hole. */
            fallback: boolean;
            /** @description Whether it has no value here. */
            missing: boolean;
            /** @description `subject`, `html` or `text`. */
            part: string;
            /** @description `profile.first_name`. */
            path: string;
        };
        /** @description What a text message costs. */
        TextMessageCost: {
            /** @description `gsm7` or `ucs2`. */
            encoding: string;
            /** @description The first character that makes it `ucs2`, of which a part holds less than half as much. */
            forced_by?: string | null;
            /** @description Units that are still free in the last part. */
            free: number;
            /**
             * @description Parts times price, by who would carry it; to the number that was named or that the profile
             *     has. Empty without a number.
             */
            offers: components["schemas"]["TextMessageOffer"][];
            /** @description Parts, each of which is paid. */
            parts: number;
            /** @description Parts that the sender allows. */
            parts_max: number;
            /** @description Units of the alphabet: septets, or sixteen bits each. */
            units: number;
            /** @description Units that fit into a part of this text. */
            units_per_part: number;
        };
        /** @description What a text message costs by one provider. */
        TextMessageOffer: {
            /** @description The currency (ISO 4217), if its definition says prices. */
            currency?: string | null;
            /**
             * Format: double
             * @description What a part costs to this number.
             */
            per_part?: number | null;
            /** @description The provider. */
            provider: string;
            /**
             * Format: double
             * @description The same for all parts.
             */
            total?: number | null;
            /**
             * Format: int32
             * @description Its share, beside the weights of the others.
             */
            weight: number;
        };
        /** @description What happened to a person. */
        Timeline: {
            /** @description What happened, newest first. */
            items: components["schemas"]["TimelineItem"][];
            /** @description Stored events that were looked at. */
            looked_at: number;
            /**
             * @description Since when every move in and out of segments is here; before it only the last entry into
             *     each segment that the person is in.
             */
            moves_since?: string | null;
            /** @description Where to go on. */
            next?: string | null;
            /** @description The profile. */
            profile: string;
        };
        /** @description Something that happened. */
        TimelineItem: {
            /** @description When. */
            at: string;
            /** @description The event's id; `GET /v1/explain/{id}` says what it caused, as long as that is remembered. */
            event?: string | null;
            /** @description What kind of thing. */
            kind: components["schemas"]["TimelineKind"];
            /** @description The message: `GET /v1/messages/{id}`. */
            message?: string | null;
            /** @description The event, the segment, the journey, or what became of the message. */
            name: string;
            /** @description The profile that it first belonged to, where that became one with this one. */
            profile?: string | null;
            /** @description What the event said. */
            properties: Record<string, never>;
            /** @description When Cauce accepted it, for events. */
            received_at?: string | null;
            /** @description In words. */
            words: string;
        };
        /**
         * @description What kind of thing happened.
         * @enum {string}
         */
        TimelineKind: "event" | "message" | "consent" | "segment" | "journey";
        /** @description How today's marketing of one domain to one mailbox provider stands. */
        Today: components["schemas"]["Counted"] & {
            /** @description The domain of the From address. */
            domain: string;
            /** @description The mailbox provider. */
            mailbox: string;
            /** @description `fine`, `alert` or `pause`. */
            standing: string;
        };
        /** @description Something a person can consent to. */
        TopicSettings: {
            /** @description The template that asks for it. */
            confirmation?: string | null;
            /** @description Whether a message may be sent only where the person said yes. */
            consent_required: boolean;
            /** @description What one gets, in a sentence. */
            description: string;
            /** @description Whether a yes counts only once the mailbox has confirmed it. */
            double_opt_in: boolean;
            /** @description Its key. */
            name: string;
            /** @description Shown on the preference page. */
            title: string;
        };
        /**
         * @description How close the samples lie.
         * @enum {string}
         */
        TrendEvery: "minute" | "day";
        /** @description One sample. */
        TrendPoint: {
            /** @description When it was taken. */
            at: string;
            /**
             * Format: int64
             * @description Members then.
             */
            members: number;
        };
        /** @description Some of the audience who would get nothing. */
        Unsent: {
            /**
             * Format: int64
             * @description About how many.
             */
            people: number;
            /** @description Why, as a refusal is counted; `unrenderable` where the text cannot be made. */
            reason: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "post /ofrep/v1/evaluate/flags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /ofrep/v1/evaluate/flags/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `next` of the page before. */
                cursor: string | null;
                /** @description Rows of the page: 50 if absent, at most 500. */
                limit: number | null;
                /** @description Part of the name of who did it. */
                who: string | null;
                /** @description What was done, or its beginning: `campaign`, `key.make`. */
                what: string | null;
                /** @description Of which thing, exactly. */
                of: string | null;
                /** @description About which person: `email:ana@example.com`. Rows name people by a hash. */
                person: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupList"];
                };
            };
        };
    };
    "post /v1/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupMade"];
                };
            };
        };
    };
    "post /v1/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `batch`: Segment calls, each with its `type` */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description the good ones are durable, the others listed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/browser-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BrowserTokenWanted"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/campaigns": {
        parameters: {
            query?: {
                /** @description Only those of this campaign. */
                campaign?: string;
                /** @description `next` of the answer before. */
                cursor?: string;
                /** @description At most so many: 100 if absent, and at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/campaigns/audience": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudienceRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignAudience"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/campaigns/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/campaigns/runs/{id}/{to}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
                /** @description pause, resume or cancel */
                to: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/campaigns/{name}/audience": {
        parameters: {
            query?: {
                /** @description Look at everybody, however long that takes. */
                exact?: boolean;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignAudience"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/campaigns/{name}/cost": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignCost"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/campaigns/{name}/start": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/campaigns/{name}/start": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/clock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/clock/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/complete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `event`, `property`, `attribute`, or a kind of definition: `segment`, `template`… */
                kind: string;
                /** @description What the name begins with; large and small letters are alike. */
                prefix: string;
                /** @description Of which event, for properties; of any if absent. */
                event: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Those that ended with this code: `gave-up-transient`, `configuration`, `expired`… */
                code: string | null;
                /** @description Go on here: `next` of the page before. */
                cursor: string | null;
                /** @description At most so many. */
                limit: number | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/dead-letters/drop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeadLettersChosen"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeadLettersChosen"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/definitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/definitions/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/definitions/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/definitions/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/definitions/{kind}/{name}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a kind, or its folder: `campaigns` */
                kind: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/deliverability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standings"];
                };
            };
        };
    };
    "post /v1/deliverability/{domain}/{mailbox}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
                mailbox: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/destinations/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/destinations/{name}/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/erasures/sweep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Swept"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/events": {
        parameters: {
            query?: {
                /** @description `next` of the answer before. */
                cursor?: string;
                /** @description At most so many. */
                limit?: number;
                /** @description Only events of this name. */
                name?: string;
                /** @description Only events about this person: `namespace:value`, or a value in any namespace. */
                alias?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecentEvents"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The events belong to the past: they count, and never start or send anything. */
                historical: boolean;
                /** @description Answer when everything that they cause is applied, not only when they are durable. */
                applied: boolean;
            };
            cookie?: never;
        };
        /** @description one event, an array, or NDJSON */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/events/live": {
        parameters: {
            query?: {
                /** @description Only events of this name. */
                name?: string;
                /** @description Only events about this person: `namespace:value`, or a value in any namespace. */
                alias?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["RecentEvent"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/events/{id}": {
        parameters: {
            query?: {
                /** @description `namespace:value` of the person whom it is about. */
                of?: string;
                /** @description Its name, as the timeline of that person has it: with `at`, it is found at once. */
                name?: string;
                /** @description When it happened, as the timeline has it. */
                at?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneEvent"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/explain/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `batch`: Segment calls, each with its `type` */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description the good ones are durable, the others listed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/inbox": {
        parameters: {
            query?: {
                /** @description `next` of the answer before. */
                cursor?: string;
                /** @description At most so many. */
                limit?: number;
                /** @description Only to addresses that have this in them. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Inbox"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/inbox/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InboxMessage"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/journeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyList"];
                };
            };
        };
    };
    "get /v1/journeys/{name}": {
        parameters: {
            query?: {
                /** @description The revision; the one in force if absent, or the last. */
                revision?: number;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyGraph"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyWanted"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "delete /v1/keys/{prefix}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                prefix: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "get /v1/lists/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "put /v1/lists/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                /** @description The name of an upload in several requests; each request is an upload of its own if absent. */
                upload: string | null;
                /**
                 * @description As of when the source knew this (RFC 3339): of two uploads the later one holds. Now if
                 *     absent; the same for all requests of one upload.
                 */
                as_of: string | null;
                /** @description The number of the first row within the upload: of two rows for one name the later one holds. */
                from: number | null;
                /** @description When rows expire that do not say it: `30d`, or an RFC 3339 time. */
                expires: string | null;
                /** @description All rows are taken off the list. */
                remove: boolean;
                /** @description Where the rows come from; the key's name if absent. */
                source: string | null;
            };
            cookie?: never;
        };
        /** @description rows as NDJSON, CSV, or a JSON array */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Taken"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/lists/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                /** @description The name of an upload in several requests; each request is an upload of its own if absent. */
                upload: string | null;
                /**
                 * @description As of when the source knew this (RFC 3339): of two uploads the later one holds. Now if
                 *     absent; the same for all requests of one upload.
                 */
                as_of: string | null;
                /** @description The number of the first row within the upload: of two rows for one name the later one holds. */
                from: number | null;
                /** @description When rows expire that do not say it: `30d`, or an RFC 3339 time. */
                expires: string | null;
                /** @description All rows are taken off the list. */
                remove: boolean;
                /** @description Where the rows come from; the key's name if absent. */
                source: string | null;
            };
            cookie?: never;
        };
        /** @description rows as NDJSON, CSV, or a JSON array */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Taken"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/lists/{name}/dependents": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/lists/{name}/members": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                /** @description Where the page before ended. */
                cursor: string | null;
                /** @description At most so many. */
                limit: number | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/lists/{name}/seal": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                /** @description The name of an upload in several requests; each request is an upload of its own if absent. */
                upload: string | null;
                /**
                 * @description As of when the source knew this (RFC 3339): of two uploads the later one holds. Now if
                 *     absent; the same for all requests of one upload.
                 */
                as_of: string | null;
                /** @description The number of the first row within the upload: of two rows for one name the later one holds. */
                from: number | null;
                /** @description When rows expire that do not say it: `30d`, or an RFC 3339 time. */
                expires: string | null;
                /** @description All rows are taken off the list. */
                remove: boolean;
                /** @description Where the rows come from; the key's name if absent. */
                source: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/lookup": {
        parameters: {
            query: {
                /** @description Any alias of the profile: `user_id:42`, `email:ana@example.com`. */
                alias: string;
                /** @description Attributes that are wanted, separated by commas; all that are shared if absent. */
                attributes?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberWanted"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "delete /v1/members/{email}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                email: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "patch /v1/members/{email}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                email: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Difference"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/members/{email}/invitation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                email: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/membership-changes": {
        parameters: {
            query?: {
                /** @description Segments, separated by commas; all of them if absent. */
                segments?: string;
                /** @description The namespace by which people are named; `user_id` if absent. */
                by?: string;
                /**
                 * @description The `id` of the last event that was seen, `oldest`, or `now`, which is usual. The header
                 *     `Last-Event-ID` goes before it.
                 */
                from?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/membership-changes/position": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "get /v1/messages": {
        parameters: {
            query?: {
                /** @description Only of this person: `namespace:value`. */
                to?: string;
                /** @description Only of this campaign. */
                campaign?: string;
                /** @description Only of this run of a campaign. */
                run?: number;
                /** @description Only of this journey. */
                journey?: string;
                /** @description Only by this template. */
                template?: string;
                /** @description Only by this channel: `email`, `sms`, `push` or `webhook`. */
                channel?: string;
                /** @description Only about this topic. */
                topic?: string;
                /**
                 * @description Only those that stand so: `queued`, `attempting`, `accepted`, `refused`, `failed`,
                 *     `unknown`; or that are in this term of the balance: `sent`, `pending`.
                 */
                state?: string;
                /**
                 * @description Only those with this code of a refusal, a failure, or of why they were put off:
                 *     `no-consent`, `frequency-capped`, `gave-up-transient`…
                 */
                reason?: string;
                /** @description Only those in this ready queue. */
                queue?: string;
                /** @description Only those that were made then (RFC 3339) or later. */
                since?: string;
                /** @description Only those that were made before. */
                until?: string;
                /** @description `next` of the answer before. */
                cursor?: string;
                /** @description At most so many. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageList"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Create"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/messages/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
        };
    };
    "get /v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the message's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/messages/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageContent"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
        };
    };
    "get /v1/overview/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Overview"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles": {
        parameters: {
            query?: {
                /** @description A name or its beginning: `namespace:value`, or a value in any namespace. */
                alias?: string;
                /** @description A rule as segments have them: people for whom it holds now. */
                where?: string;
                /** @description `next` of the answer before. */
                cursor?: string;
                /** @description At most so many. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonList"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "delete /v1/profiles/{namespace}/{value}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
                /** @description Take the last bytes out of log and store before this is answered; otherwise within a day. */
                sweep: boolean;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "patch /v1/profiles/{namespace}/{value}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rectified"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}/campaigns/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
                run: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}/consents": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
                /** @description What was in force then (RFC 3339); now if absent. */
                at: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}/devices": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "put /v1/profiles/{namespace}/{value}/devices": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "delete /v1/profiles/{namespace}/{value}/devices": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}/export": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}/identity": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
                /** @description What would happen if an event named this one too: `user_id:7`. */
                with: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}/journeys/{journey}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
                journey: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}/segments/{segment}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
                segment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}/templates/{template}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
                template: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/profiles/{namespace}/{value}/timeline": {
        parameters: {
            query?: {
                /** @description `next` of the answer before. */
                cursor?: string;
                /** @description At most so many. */
                limit?: number;
            };
            header?: never;
            path: {
                namespace: string;
                value: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/providers/{name}/test": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderTest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderTestResult"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/providers/{name}/try": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderTrial"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderTrialResult"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/push/key": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its name; the first with `web` if absent. */
                provider: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/push/opened": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Opened"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Events of this name. */
                event: string | null;
                /** @description Events with such a fault: `wrong-type`, `missing`, `unknown`, `ambiguous`. */
                reason: string | null;
                /** @description Go on here: `next` of the page before. */
                cursor: string | null;
                /** @description At most so many. */
                limit: number | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/quarantine/drop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GiveUp"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/quarantine/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Again"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/quarantine/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Retention"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/schemas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "get /v1/schemas/attributes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "get /v1/schemas/events/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretsTold"];
                };
            };
        };
    };
    "put /v1/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretWanted"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "delete /v1/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/segments": {
        parameters: {
            query?: {
                /**
                 * @description Each segment's members over time too, `trend`: by day once three days are known, by minute
                 *     before. At most 48 samples, evenly from all that are kept, oldest first.
                 */
                trend?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/segments/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Asked"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/segments/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/segments/{name}/dependents": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/segments/{name}/members": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The namespace; `user_id` if absent. */
                by: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/segments/{name}/trend": {
        parameters: {
            query?: {
                /** @description `minute` for the last day, which is usual, or `day` for the last year. */
                every?: components["schemas"]["TrendEvery"];
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentTrend"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/senders/{name}/check": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                /**
                 * @description Addresses from which mail leaves, with commas between them; those of the configuration if
                 *     absent.
                 */
                ip: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checked"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/sending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/sending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Sending"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Pair"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "delete /v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "post /v1/session/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Joining"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Passwords"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
        };
    };
    "get /v1/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "get /v1/sources/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/sources/{name}/files": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/sources/{name}/run": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                /** @description A file that is to be taken again although it was taken, or failed. */
                again: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Where the page before ended. */
                cursor: string | null;
                /** @description At most so many. */
                limit: number | null;
                /** @description Only those for this reason: `hard-bounce`, `complaint`, `soft-bounces`, `manual`… */
                reason: string | null;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Address"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete /v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Address"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "get /v1/suppressions/held": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/suppressions/held/{keeper}/{to}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the provider's name or domain */
                keeper: string;
                /** @description `confirm` or `undo` */
                to: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "post /v1/suppressions/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuppressionImport"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    "get /v1/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateList"];
                };
            };
        };
    };
    "post /v1/templates/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePreview"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/templates/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateShown"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "get /v1/templates/{name}/variables": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "post /v1/{call}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description identify, track, page, screen, group or alias */
                call: string;
            };
            cookie?: never;
        };
        /** @description one Segment call */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
