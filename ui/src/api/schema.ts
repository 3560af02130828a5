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
         *     `warnings` says what large mailbox providers may hold against it. What they refuse keeps it from
         *     starting (409), unless the body says `despite`, and why: that is kept with the run and in the
         *     audit.
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
    "/v1/devices/refused": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Devices that are not pushed to, because their service refused their token: how many, by service
         *     and app, and whether they are too many at once to be believed.
         */
        get: operations["get /v1/devices/refused"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/refused/{keeper}/{to}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decides about the refused devices of one service and app, and ends the guard: `undo` pushes to
         *     them again, `confirm` lets those go whose token is gone.
         */
        post: operations["post /v1/devices/refused/{keeper}/{to}"];
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
    "/v1/lookup/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What `/v1/lookup` says of the person of a browser token, as an event `lookup`; and again
         *     whenever it says something else: within a second, whether a membership changed or an attribute.
         *     Of a person whom nothing is shared of it says that. Ends with the token and an event `end`.
         */
        get: operations["get /v1/lookup/live"];
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
         * The whole ledger as NDJSON, in the order of ids: each line a `Message`. One that is written
         *     while this runs may be in it or not.
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
    "/v1/offers/{placement}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which offer a placement shows to somebody, exact at the instant of asking, and the fallback
         *     where none fits, nobody is known, or the person does not allow it. For a key with the scope
         *     `lookup`, with the reason of each offer; or for a browser token, which asks for one person and
         *     is told the choice alone. Asking counts as nothing: whoever shows an offer reports the event
         *     `offer_shown`.
         */
        get: operations["get /v1/offers/{placement}"];
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
         * Puts attributes and names right: an event of the profile says so, and by whom. A wrong name is
         *     taken from the profile, with the address of that kind, what suppressed it and what keeps it from
         *     others; what was said under it stays. Applied when this is answered.
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
    "/v1/projects/{key}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What analytics.js asks a CDN for: name the public address of Cauce as its `cdnURL`. */
        get: operations["get /v1/projects/{key}/settings"];
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
        /**
         * Members of a segment, by one of their aliases (or their id where they have none), a page at a
         *     time, in the order in which they are kept. Who enters or leaves between two pages is on the one
         *     or the other or on none: the stream of membership changes says it.
         */
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
        /**
         * Looks up what is published of a sender, and says what is to be. Without `ip` it is kept as the
         *     sender's last examination, by which campaigns may not start.
         */
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
        /**
         * Suppresses an address: for everything, or for marketing alone. When this is answered, none of
         *     it leaves to it any more. Of two suppressions of an address the one that stops more stands.
         */
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
            quarantined: components["schemas"]["Quarantined"][];
            /** @description Events that were refused, each with every fault. */
            rejected: components["schemas"]["Rejected"][];
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
            stops?: components["schemas"]["SuppressionStops"] | null;
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
             * @default {
             *       "cast": {},
             *       "live": false,
             *       "remove": [],
             *       "rename": {}
             *     }
             */
            fix: components["schemas"]["QuarantineFix"];
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
            json?: Record<string, unknown> | null;
            /** @description Its text form. */
            rule?: string | null;
            /** @description The same. */
            text?: string | null;
        };
        /** @description The end of a try. */
        AttemptEnd: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What it came to. */
            outcome: components["schemas"]["AttemptOutcome"];
        };
        /** @description What a try came to. */
        AttemptOutcome: {
            /**
             * Format: int32
             * @description Refused: the reply code of SMTP, the command status of SMPP, or the status of HTTP.
             */
            code?: number | null;
            /** @description Devices: each with its end. */
            devices?: components["schemas"]["DeviceEnd"][] | null;
            /** @description Refused: the enhanced status code (RFC 3463), such as `5.1.1`, if there was one. */
            enhanced?: string | null;
            /** @description Accepted: the provider's own name for the message, if it gave one. */
            id?: string | null;
            /** @description The word for it. */
            kind: components["schemas"]["AttemptOutcomeKind"];
            /**
             * Format: int32
             * @description Refused: seconds after which to try again, if the provider said so.
             */
            retry_after_s?: number | null;
            stage?: components["schemas"]["DeliveryStage"] | null;
            /** @description The answer as given, or what went wrong; of several devices all ends in one line. */
            text: string;
        };
        /**
         * @description What tries come to. `accepted`: the provider took responsibility. `refused`: it said no, for now
         *     or for good. `unreachable`: certainly nothing was taken. `unknown`: it may have been taken.
         *     `not-started`: no try was made. `busy`: none either, since too many others wait for the same
         *     destination. `unrenderable`: the content could not be made. `held`: a fault
         *     of ours that an operator mends. `devices`: several devices, each with its own end.
         * @enum {string}
         */
        AttemptOutcomeKind: "accepted" | "refused" | "unreachable" | "unknown" | "not-started" | "unrenderable" | "held" | "devices" | "busy";
        /** @description What a try came to at one device. */
        AttemptOutcomeOfDevice: {
            /**
             * Format: int32
             * @description Refused: the status of HTTP.
             */
            code?: number | null;
            /** @description Refused: what the service's own word means, as RFC 3463 has it. */
            enhanced?: string | null;
            /** @description Accepted: the service's own name for it. */
            id?: string | null;
            /** @description The word for it: never `devices`. */
            kind: components["schemas"]["AttemptOutcomeKind"];
            /**
             * Format: int32
             * @description Refused: seconds after which to try again.
             */
            retry_after_s?: number | null;
            stage?: components["schemas"]["DeliveryStage"] | null;
            /** @description The answer as given, or what went wrong. */
            text: string;
        };
        /** @description What needs a person. */
        Attention: {
            /** @description What is so, by a stable word: for whoever says it in another language. */
            code: string;
            /** @description The page of the console that is about it, where there is one. */
            link?: string | null;
            /** @description The names and numbers in the words. */
            said: Record<string, unknown>;
            /** @description How bad. */
            state: components["schemas"]["HealthState"];
            /** @description Which part. */
            what: string;
            /** @description What is wrong, and what to do. */
            words: string;
        };
        /** @description An attribute and where it comes from. */
        Attribute: {
            /**
             * Format: date-time
             * @description When the fact occurred.
             */
            at: string;
            /** @description The event that said so: `evt_…`. */
            event: string;
            /** @description What is known; null if it was removed. */
            value: unknown;
        };
        /** @description One of a group. */
        AudienceExample: components["schemas"]["NamedProfile"] & {
            said?: components["schemas"]["RefusalReason"] | null;
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
            definition: Record<string, unknown>;
            /** @description Look at everybody, however long that takes. */
            exact?: boolean;
        };
        /** @description A segment that a campaign's audience names, as it stands for one person. */
        AudienceSegment: {
            /** @description Whether the person is in it now; what counted is when the audience was frozen. */
            inside_now: boolean;
            /** @description The segment. */
            segment: string;
            /** @description `in` or `not in`. */
            wanted: string;
            /** @description The rule, part by part. */
            why: components["schemas"]["RuleExplanation"];
        };
        /** @description Rows of the audit. */
        AuditList: {
            /** @description Newest first. */
            items: components["schemas"]["AuditRow"][];
            /** @description Where to go on; null at the end. */
            next: string | null;
        };
        /** @description One row of the audit. */
        AuditRow: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description More, in words. */
            detail: string;
            /**
             * Format: int64
             * @description Its place in the control log.
             */
            id: number;
            /** @description Of which thing; of a person a hash. */
            of: string;
            /** @description What became of it: `begun`, `done`, `refused` or `failed`. */
            outcome: string;
            /** @description What, as a word: `campaign.start`. */
            what: string;
            /** @description Who. */
            who: components["schemas"]["AuditWho"];
        };
        /** @description Who did something. */
        AuditWho: {
            /** @description Which kind of who. */
            kind: components["schemas"]["AuditWhoKind"];
            /** @description A member's e-mail address, a key's name, or a word for a part of the system. */
            name: string;
        };
        /**
         * @description Which kind of who.
         * @enum {string}
         */
        AuditWhoKind: "member" | "key" | "system";
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
        /**
         * @description Why a message came back.
         * @enum {string}
         */
        BounceCause: "invalid-recipient" | "invalid-domain" | "inactive" | "quota" | "filtered" | "throttled" | "blocked" | "content" | "configuration" | "transient" | "expired" | "undetermined" | "opted-out";
        /** @description A token for the browser of one person. */
        BrowserToken: {
            /**
             * Format: date-time
             * @description When it is worth nothing any more.
             */
            expires_at: string;
            /** @description The token. */
            token: string;
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
        /** @description What stands against starting a campaign. */
        CampaignAhead: {
            /** @description Why it may not start; null if it may. */
            barred: string | null;
            /** @description What large mailbox providers may hold against it. */
            warnings: string[];
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
        /** @description One run of a campaign. */
        CampaignRun: {
            /** @description What became of everybody. */
            balance: components["schemas"]["CampaignRunBalance"];
            /** @description Who started it: a member's address, or a key's name. */
            by: string;
            /** @description The campaign. */
            campaign: string;
            /** @description Why it was started although something stood against it; null where nothing did. */
            despite: string | null;
            engagement?: components["schemas"]["Engagement"] | null;
            /**
             * Format: int32
             * @description The revision that it was started with.
             */
            revision: number;
            /**
             * Format: int64
             * @description Its number.
             */
            run: number;
            /**
             * Format: date-time
             * @description Since when.
             */
            since: string;
            /**
             * Format: date-time
             * @description When it was started.
             */
            started: string;
            /** @description How it stands. */
            state: components["schemas"]["CampaignRunState"];
            /**
             * @description What keeps it from freezing its audience everywhere, in words: a segment that is still
             *     being built.
             */
            waits: string | null;
            /** @description What large mailbox providers may hold against it, once it was started. */
            warnings?: string[] | null;
        };
        /** @description The balance of a run, and how much is left of it. */
        CampaignRunBalance: components["schemas"]["Balance"] & {
            /**
             * Format: int64
             * @description People of the audience whose message has no outcome yet, or who have none yet.
             */
            left: number;
        };
        /** @description Runs, newest first. */
        CampaignRunList: {
            /** @description Where to go on; null at the end. */
            next: string | null;
            /** @description The runs. */
            runs: components["schemas"]["CampaignRun"][];
        };
        /**
         * @description How runs stand.
         * @enum {string}
         */
        CampaignRunState: "paused" | "running" | "cancelled" | "done";
        /** @description How a campaign is started. */
        CampaignStart: {
            /** @description Why it is started although something stands against it. */
            despite?: string | null;
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
        /** @description What a campaign's run made of a person. */
        CampaignVerdict: {
            message?: components["schemas"]["Message"] | null;
            /** @description Whether a message was made. */
            planned: boolean;
            /** @description Why none was, in words. */
            why?: string | null;
        };
        /** @description A change of one person. */
        Caused: {
            /** @description What changed. */
            change: components["schemas"]["CausedChange"];
            /** @description Whom it is about: `pro_…`. */
            profile: string;
        };
        /**
         * @description Why a run left a step: the event came for which it waited, its time was over, or a condition was
         *     asked.
         * @enum {string}
         */
        CausedBecause: "awaited" | "time" | "condition";
        /** @description What changed about a profile. What was before is as it stood in the decision that changed it. */
        CausedChange: {
            /** @enum {string} */
            kind: "created";
        } | {
            /** @description What it is. */
            after: unknown;
            /** @description What it was. */
            before: unknown;
            /** @enum {string} */
            kind: "attribute";
            /** @description Its name. */
            name: string;
        } | {
            /** @description What is in force. */
            after?: string | null;
            /** @description What was in force; absent where nothing was. */
            before?: string | null;
            /** @description The channel; absent for every channel. */
            channel?: string | null;
            /** @enum {string} */
            kind: "consent";
            /** @description The topic; `*` for every topic. */
            topic: string;
        } | {
            /** @description `namespace:value`. */
            alias: string;
            /** @description Whether it is its own now. */
            held: boolean;
            /** @enum {string} */
            kind: "alias";
        } | {
            /** @description `namespace:value`. */
            alias: string;
            /** @enum {string} */
            kind: "alias-refused";
        } | {
            /** @enum {string} */
            kind: "merged";
            /** @description The other one: `pro_…`. */
            with: string;
        } | {
            /** @description The device: `dev_…`. */
            device: string;
            /** @description Whether it is its own now. */
            held: boolean;
            /** @enum {string} */
            kind: "device";
            /** @description What it runs. */
            platform: string;
        } | {
            /** @description Whether it is in it now. */
            inside: boolean;
            /** @enum {string} */
            kind: "segment";
            /** @description The segment. */
            name: string;
        } | {
            /** @enum {string} */
            kind: "run-started";
            /** @description Which. */
            run: components["schemas"]["CausedRun"];
        } | {
            /** @description Why. */
            because: components["schemas"]["CausedBecause"];
            /** @description The step that it left. */
            from: string;
            /** @enum {string} */
            kind: "run-went";
            /** @description Which. */
            run: components["schemas"]["CausedRun"];
            /** @description The step that it came to. */
            to: string;
        } | {
            /** @description At which step. */
            at: string;
            /** @enum {string} */
            kind: "run-waits";
            /** @description Which. */
            run: components["schemas"]["CausedRun"];
            /**
             * Format: date-time
             * @description When it goes on by itself.
             */
            until: string;
        } | {
            /** @description At which step. */
            at: string;
            /** @description Why. */
            because: components["schemas"]["CausedEnding"];
            /** @enum {string} */
            kind: "run-ended";
            /** @description Which. */
            run: components["schemas"]["CausedRun"];
        } | {
            /** @enum {string} */
            kind: "message-planned";
            /** @description The message: `msg_…`. */
            message: string;
            /** @description Its template. */
            template: string;
        } | {
            /** @enum {string} */
            kind: "message-refused";
            /** @description The message: `msg_…`. */
            message: string;
            /** @description Why: the code of the reason. */
            reason: string;
            /** @description Its template. */
            template: string;
        };
        /**
         * @description Why a run ended: it arrived at the end, the criteria are met by which the journey lets people
         *     go, it took too many steps without a wait, its revision is not known any more, or another run of
         *     two profiles that became one goes on.
         * @enum {string}
         */
        CausedEnding: "arrived" | "criteria" | "too-long" | "unknown" | "merged";
        /** @description A run. */
        CausedRun: {
            /** @description Its name: `run_…`. */
            id: string;
            /** @description Its journey. */
            journey: string;
            /**
             * Format: int32
             * @description The revision that it stays on.
             */
            revision: number;
        };
        /**
         * @description By what a message travels: `webhook` is a request to somebody's server.
         * @enum {string}
         */
        Channel: "email" | "sms" | "push" | "webhook";
        /** @description What was found. */
        Checked: {
            /** @description The domain of its From header. */
            domain: string;
            /** @description Everything that was found, part by part. */
            findings: components["schemas"]["SenderFinding"][];
            /** @description Whether nothing stands against it. */
            fine: boolean;
            /** @description The sender. */
            sender: string;
            /** @description What is to be published, as lines of a zone file. */
            zone: string;
        };
        /** @description What time it is. */
        Clock: {
            /**
             * Format: date-time
             * @description What the machine's clock shows, if it stepped and is not believed; else null.
             */
            disbelieved: string | null;
            /**
             * Format: date-time
             * @description The time that is believed.
             */
            now: string;
        };
        /** @description A name that could be meant. */
        CompletedName: {
            /**
             * Format: int64
             * @description How often it came in; 0 for definitions, and for what was only written down.
             */
            count: number;
            /** @description The name. */
            name: string;
            /** @description The type that its values mostly have; null where it has none. */
            type: string | null;
        };
        /** @description Names that could be meant. */
        CompletedNames: {
            /** @description The most frequent first, at most 50. */
            items: components["schemas"]["CompletedName"][];
            /** @description Whether there are more. */
            more: boolean;
            /** @description Always null: type more instead. */
            next: string | null;
        };
        /** @description The consent in force for one topic and channel. */
        Consent: {
            /**
             * Format: date-time
             * @description When it was said.
             */
            at: string;
            /** @description The event that said so: `evt_…`. */
            event: string;
            /** @description What was said, with its evidence. */
            fact: components["schemas"]["ConsentStatement"];
        };
        /** @description A statement of a person, as evidence. */
        ConsentEvidence: {
            /**
             * Format: date-time
             * @description When it was said.
             */
            at: string;
            /** @description The event that said so: `evt_…`. */
            event: string;
            /** @description Whether it was imported from elsewhere. */
            imported: boolean;
            /** @description The profile that it first belonged to: another one where two became one. */
            profile: string;
            /**
             * Format: date-time
             * @description When Cauce accepted it.
             */
            received_at: string;
            /** @description What was said, with its source, wording and origin. */
            statement: components["schemas"]["ConsentStatement"];
        };
        /**
         * @description What a person said: `pending` means that the mailbox has not confirmed it yet.
         * @enum {string}
         */
        ConsentState: "granted" | "withdrawn" | "pending";
        /** @description A statement about consent, with its evidence. */
        ConsentStatement: {
            channel: components["schemas"]["Channel"] | null;
            /** @description The internet address that it came from, if it was recorded. */
            ip: string | null;
            /** @description Where it was said: a form's address, `unsubscribe link`, `import`. */
            source: string;
            /** @description What was said. */
            state: components["schemas"]["ConsentState"];
            /** @description The topic's key; `*` for every topic. */
            topic: string;
            /** @description The wording shown, if it was recorded. */
            wording: string | null;
        };
        /** @description Whether data may be put to a use. */
        ConsentUse: {
            /** @description Whether it is allowed. */
            allowed: boolean;
            /** @description The topic that stands for the use. */
            purpose: string;
            /** @description Its title. */
            title: string;
            /** @description Why not, in words; null where it is allowed. */
            why: string | null;
        };
        /** @description What a person said about being written to. */
        Consents: {
            /**
             * Format: date-time
             * @description The instant that `in_force` is of.
             */
            at: string;
            /** @description Every statement, the oldest first, also those made later. */
            evidence: components["schemas"]["ConsentEvidence"][];
            /** @description The consents that were in force then. */
            in_force: components["schemas"]["Consent"][];
            /** @description The profile: `pro_…`. */
            profile: string;
            /** @description What followed from them for each use of data, by what is published today. */
            uses: components["schemas"]["ConsentUse"][];
            /** @description Topics whose consent is from before there was evidence. */
            without_evidence: string[];
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
            payload?: Record<string, unknown>;
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
        /** @description How many messages were carried on a day. */
        DayCount: {
            /**
             * Format: int64
             * @description How many.
             */
            count: number;
            /** @description The day: `2026-11-30`. */
            day: string;
            /** @description Only to this group of receivers. */
            group?: string | null;
            /** @description Only by this route. */
            route?: string | null;
        };
        /** @description A message that nobody carried. */
        DeadLetter: {
            /**
             * Format: date-time
             * @description When it ended.
             */
            at: string | null;
            /** @description How often it was tried. */
            attempts: number;
            /** @description The campaign; null for others. */
            campaign: string | null;
            /** @description By what it travels. */
            channel: components["schemas"]["Channel"];
            /** @description The stable word for why it ended: `gave-up-transient`, `configuration`, `expired`… */
            code: string;
            /** @description The message: `msg_…`. */
            id: string;
            /** @description Who tried to carry it. */
            providers: string[];
            /** @description The ready queue that it was in. */
            queue: string;
            /** @description The template. */
            template: string;
            /** @description Why, in words, or the answer as given. */
            text: string;
        };
        /** @description Messages that nobody carried. */
        DeadLetterList: {
            /** @description On the first page: whether there may be more than `codes` says. */
            at_least?: boolean | null;
            /** @description On the first page: how many there are of each code. */
            codes?: {
                [key: string]: number;
            } | null;
            /** @description The messages. */
            items: components["schemas"]["DeadLetter"][];
            /** @description Where to go on; null at the end. */
            next: string | null;
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
        /** @description Dead letters that were given up. */
        DeadLettersDropped: {
            /** @description How many. */
            dropped: number;
        };
        /** @description Dead letters that were tried again. */
        DeadLettersReplayed: {
            /** @description How many. */
            replayed: number;
        };
        /** @description One change of a plan. */
        DefinitionChange: {
            /** @description What is in force afterwards; null where it is removed. */
            after: Record<string, unknown> | null;
            /** @description What is in force before; null where it is added. */
            before: Record<string, unknown> | null;
            /**
             * Format: int32
             * @description The revision that is in force before; null where it is added.
             */
            from: number | null;
            /** @description The definition's kind: `segment`. */
            kind: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: int32
             * @description The revision that publishing made; null before it, and where it is removed.
             */
            to: number | null;
            /** @description What happens to it. */
            what: components["schemas"]["DefinitionChangeKind"];
        };
        /**
         * @description What happens to a definition.
         * @enum {string}
         */
        DefinitionChangeKind: "add" | "change" | "remove";
        /** @description What would be touched if a definition were removed. */
        DefinitionRemoval: {
            /** @description Definitions that would be broken without it. */
            dependents: components["schemas"]["Dependent"][];
            /** @description Its kind: `segment`. */
            kind: string;
            /** @description Its name. */
            name: string;
            uses: components["schemas"]["DefinitionUse"] | null;
        };
        /** @description One revision of a definition. */
        DefinitionRevision: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string | null;
            /** @description As it was written. */
            definition: Record<string, unknown>;
            /** @description Whether it is the one in force. */
            in_force: boolean;
            /**
             * Format: int64
             * @description The plan that published it.
             */
            plan: number;
            /**
             * Format: int32
             * @description Its number, from 1.
             */
            revision: number;
        };
        /** @description Every revision of a definition. */
        DefinitionRevisions: {
            /** @description The revisions, the newest first. */
            items: components["schemas"]["DefinitionRevision"][];
            /** @description Its kind: `segment`. */
            kind: string;
            /** @description Its name. */
            name: string;
        };
        /** @description What is in a definition that would be removed. */
        DefinitionUse: {
            /** @description Whether there may be more than were counted. */
            at_least: boolean;
            /**
             * Format: int64
             * @description How many.
             */
            count: number;
            /**
             * @description What is counted: `members` of a segment, people `listed`, `walks` that go on, `runs` that
             *     have not ended, `messages` that wait.
             */
            what: string;
        };
        /** @description Everything in force. */
        Definitions: {
            /** @description By the folder of their kind (`segments`), and by name. Every folder is there. */
            definitions: {
                [key: string]: {
                    [key: string]: components["schemas"]["PublishedDefinition"];
                };
            };
            /**
             * Format: int64
             * @description The last plan: every publish makes the next one.
             */
            plan: number;
        };
        /** @description What a plan changes, and every fault of it. */
        DefinitionsPlan: {
            /** @description What changes; what stays as it is is not here. */
            changes: components["schemas"]["DefinitionChange"][];
            /** @description Whether it may be published: there are no errors. */
            clean: boolean;
            /** @description Every finding, errors and warnings. */
            diagnostics: components["schemas"]["Diagnostic"][];
            /** @description What templates among it need of their event, by template: `event.code`. */
            needed: {
                [key: string]: string[];
            };
            /**
             * Format: int64
             * @description Once it was published: the plan's number.
             */
            plan?: number | null;
            /** @description Before publishing, for each definition that is removed by name: what that touches. */
            removes?: components["schemas"]["DefinitionRemoval"][] | null;
        };
        /** @description What is to be published and removed. */
        DefinitionsWanted: {
            /**
             * @description Definitions by the folder of their kind (`segments`), and by name. May be left out where
             *     something is removed.
             */
            definitions?: {
                [key: string]: {
                    [key: string]: unknown;
                };
            } | null;
            /**
             * @description Which revisions this was written from, by folder and name, and 0 for what was not there:
             *     nothing is published where others are in force.
             */
            expected?: {
                [key: string]: {
                    [key: string]: number;
                };
            } | null;
            /** @description Whether everything goes away that is not among `definitions`; not together with `remove`. */
            prune?: boolean | null;
            /** @description What goes away: names by folder. */
            remove?: {
                [key: string]: string[];
            } | null;
        };
        /**
         * @description How far a conversation with a provider had come. `content` is the body; over HTTP the whole
         *     request.
         * @enum {string}
         */
        DeliveryStage: "connect" | "auth" | "sender" | "recipient" | "content";
        /** @description A definition that names another one, and would be broken without it. */
        Dependent: {
            /** @description The folder of its kind: `campaigns`. */
            folder: string;
            /** @description Where it names the other: `rule`, `audience`, `entry.segment`. */
            how: string;
            /** @description Its kind: `campaign`, `segment`… */
            kind: string;
            /** @description Its name. */
            name: string;
        };
        /** @description Who uses a definition. */
        DependentList: {
            /** @description Definitions that would be broken without it. */
            items: components["schemas"]["Dependent"][];
            /** @description Always null: this list has one page. */
            next: string | null;
        };
        /** @description A name, and the rules of its namespace. */
        DescribedAlias: {
            /** @description The name: `namespace:value`. */
            alias: string;
            /**
             * Format: int32
             * @description Values that one profile may have; null: any number.
             */
            limit: number | null;
            /**
             * Format: int32
             * @description The namespace's priority: lower is stronger.
             */
            priority: number;
            /** @description Whether several people use one value, so that it never makes two profiles one. */
            shared: boolean;
            /** @description Whether two values never belong to one person. */
            unique: boolean;
        };
        /** @description A destination. */
        Destination: {
            /**
             * Format: int64
             * @description Webhook: changes that it has still to be told; absent where it was told nothing yet, and of
             *     a folder or a bucket.
             */
            behind?: number | null;
            /** @description Its name. */
            name: string;
            /** @description The segments that it is told of. */
            segments: string[];
            standing?: components["schemas"]["DestinationStanding"] | null;
        };
        /** @description All destinations. */
        DestinationList: {
            /** @description By name. */
            destinations: components["schemas"]["Destination"][];
            /** @description The key by which manifests of snapshots are checked (Ed25519, base64). */
            snapshot_public_key: string;
        };
        /**
         * @description How a destination stands: of one that is told of changes by webhook `next` and what follows it,
         *     of one in a folder or a bucket `version` and `made_at`.
         */
        DestinationStanding: {
            /** @description Webhook: why it is told nothing any more, until somebody resumes it. */
            disabled?: string | null;
            /**
             * Format: date-time
             * @description Webhook: since when none was answered with yes.
             */
            failing_since?: string | null;
            /**
             * Format: int32
             * @description Webhook: requests in vain since the last one that was answered with yes.
             */
            in_vain?: number | null;
            /** @description What the last request or attempt in vain came to. */
            last_failure?: string | null;
            /**
             * Format: date-time
             * @description Folder, bucket: when it was made.
             */
            made_at?: string | null;
            /** @description Webhook: changes that it missed because they were not kept, in words. */
            missed?: string | null;
            next?: components["schemas"]["FeedPlace"] | null;
            /**
             * Format: int64
             * @description Webhook: changes told.
             */
            told?: number | null;
            /**
             * Format: int64
             * @description Webhook: where the request ends that is under way.
             */
            under_way?: number | null;
            /**
             * Format: int64
             * @description Folder, bucket: the last version; 0 before the first.
             */
            version?: number | null;
        };
        /** @description A device of a person. */
        Device: {
            /** @description The app: a bundle id, a package, a site; empty if nobody said. */
            app: string;
            /** @description The app's version; empty if nobody said. */
            app_version: string;
            /** @description Its name, which follows from its token: `dev_…`. */
            device: string;
            /** @description Which of Apple's two worlds its token belongs to: `production` or `sandbox`. */
            environment: string;
            /** @description The event that said so last: `evt_…`. */
            event: string;
            keys: components["schemas"]["WebKeys"] | null;
            /** @description Whether it is pushed to. */
            live: boolean;
            /** @description The language that it is set to; empty if nobody said. */
            locale: string;
            /**
             * @description What the person allowed there: `granted`, `provisional` (found quietly in a list) or
             *     `denied`.
             */
            permission: string;
            /** @description What it runs: `ios`, `android` or `web`. */
            platform: string;
            quarantine: components["schemas"]["DeviceQuarantine"] | null;
            /**
             * Format: date-time
             * @description When it was first registered.
             */
            registered: string;
            /**
             * Format: date-time
             * @description When it was last registered.
             */
            seen: string;
            /** @description In what it was said: `device_registered`, or the call whose context named it. */
            source: string;
            /** @description The beginning of its token; whole in a person's export. */
            token: string;
            /** @description By whose service it is reached: `apns`, `fcm` or `web`. */
            way: string;
        };
        /** @description What a try came to at one device. */
        DeviceEnd: {
            /** @description What its service answered: never `devices`. */
            answer: components["schemas"]["AttemptOutcomeOfDevice"];
            /** @description Which device. */
            device: string;
            /**
             * Format: date-time
             * @description Since when the service knows the token to be gone, if it said so.
             */
            since: string | null;
        };
        /** @description A person's devices. */
        DeviceList: {
            /** @description The devices. */
            items: components["schemas"]["Device"][];
            /** @description The profile: `pro_…`. */
            profile: string;
        };
        /** @description Why nothing is pushed to a device until it is registered again. */
        DeviceQuarantine: {
            /**
             * Format: date-time
             * @description Since when.
             */
            at: string;
            /** @description What the provider answered. */
            why: string;
        };
        /** @description One finding about something that was sent, with its place and the way out. */
        Diagnostic: {
            /** @description Stable word for programs: `unknown-attribute`. */
            code: string;
            /** @description What to do, if there is something. */
            hint?: string | null;
            /** @description What is wrong. */
            message: string;
            /** @description Where in the document: `steps.welcome.template`; empty for the whole. */
            path: string;
            /** @description Whether it blocks. */
            severity: components["schemas"]["Severity"];
            /** @description Where in a text at that path: bytes from the start, the first and one past the last. */
            span?: number[] | null;
        };
        /** @description What is to be different. */
        Difference: {
            /** @description Whether they may not sign in from now on; ends all sessions. */
            disabled?: boolean | null;
            /** @description The name from now on. */
            name?: string | null;
            role?: components["schemas"]["Role"] | null;
        };
        /** @description Messages by who opened them or followed a link in them, each once for each kind of actor. */
        EngagedBy: {
            /**
             * Format: int64
             * @description People.
             */
            human: number;
            /**
             * Format: int64
             * @description Programs, for their own ends.
             */
            machine: number;
            /**
             * Format: int64
             * @description Nothing tells.
             */
            unknown: number;
        };
        /** @description Messages of a run that were opened or followed. */
        Engagement: {
            /** @description Of which a link was followed. */
            clicked: components["schemas"]["EngagedBy"];
            /** @description Whose pixel was fetched. */
            opened: components["schemas"]["EngagedBy"];
        };
        /** @description Somebody who was erased. */
        ErasedName: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description The keyed hash of a name, in hexadecimal. */
            hash: string;
            /** @description When the last bytes are out of log and store at the latest. */
            last_byte: components["schemas"]["LastByte"];
            /** @description `swept` once its bytes are gone, `erased` before. */
            state: string;
            /** @description Whether what it was is still not written to. */
            suppressed: boolean;
        };
        /** @description What was done to forget a person. */
        Erasure: {
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            at: string;
            /** @description What is gone, in words. */
            gone: string[];
            /** @description When the last bytes are out of log and store at the latest. */
            last_byte: components["schemas"]["LastByte"];
            /** @description The profile that is gone: `pro_…`; null where nobody was known. */
            profile: string | null;
            /**
             * @description `erased`; `remembered` where nobody was known by this name, and whoever comes by it is
             *     erased; `waits` where a question about who they are is open, after which it is done.
             */
            state: string;
            /** @description What stays, and why, in words. */
            stays: string[];
            swept: components["schemas"]["Swept"] | null;
        };
        /** @description Everybody who was erased. */
        Erasures: {
            /** @description Each name, the oldest first. */
            erasures: components["schemas"]["ErasedName"][];
            swept: components["schemas"]["Swept"] | null;
            /** @description People whose erasure waits for a question about who they are. */
            waiting_for_identity: number;
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
        /**
         * @description What led to something. Of a message there are `message` and `caused_by`; of an event or a
         *     request `trace` and `steps`.
         */
        Explained: {
            /**
             * @description The steps that led to the message, the first one first; empty once they are forgotten: the
             *     last 20,000 requests are remembered.
             */
            caused_by?: components["schemas"]["TraceStep"][] | null;
            /**
             * @description How many events the request brought. Where it is more than one, a step that is no event may
             *     be due to any of them.
             */
            events?: number | null;
            message?: components["schemas"]["Message"] | null;
            /**
             * @description The steps that followed, the first one first. Of an event that came with others those of the
             *     others are left out.
             */
            steps?: components["schemas"]["TraceStep"][] | null;
            /** @description The request that the event came with: `trc_…`. */
            trace?: string | null;
        };
        /** @description What is known of a person, but for what is long. */
        ExportedFacts: {
            /** @description Names: `namespace:value`. */
            aliases: string[];
            /** @description Attributes by name, each with the event that said it. */
            attributes: {
                [key: string]: components["schemas"]["Attribute"];
            };
            /** @description The consents in force. */
            consents: components["schemas"]["Consent"][];
            /**
             * Format: date-time
             * @description When the profile was first known.
             */
            created: string;
            /** @description Devices, with their whole tokens. */
            devices: components["schemas"]["Device"][];
            /** @description Every statement about consent, the oldest first. */
            evidence: components["schemas"]["ConsentEvidence"][];
            /**
             * Format: date-time
             * @description When this was read.
             */
            exported_at: string;
            /** @description What uploaded lists say, by list. */
            lists: {
                [key: string]: components["schemas"]["ListMember"][];
            };
            /** @description Profiles that became one with this one. */
            merges: components["schemas"]["MergedProfile"][];
            /** @description The profile: `pro_…`. */
            profile: string;
            /** @description Events under the person's names that wait because they do not fit their schema. */
            quarantined: components["schemas"]["QuarantinedEvent"][];
            /** @description Names that were kept from the profile. */
            refused_aliases: string[];
            /** @description Walks along journeys that go on: at most 1,000. */
            runs: components["schemas"]["Walk"][];
            /** @description Segments that the person is in. */
            segments: components["schemas"]["SegmentMembership"][];
            /** @description Addresses that must not be written to. */
            suppressions: components["schemas"]["SuppressedAlias"][];
        };
        /** @description A place in the stream of membership changes; everything before it was seen. */
        FeedPlace: {
            /** @description Which stream: a restored server begins another one. */
            feed: string;
            /**
             * Format: int64
             * @description The number of the next change.
             */
            next: number;
        };
        /** @description Where the stream of membership changes is. */
        FeedPosition: {
            /** @description Behind the newest change: what comes from here on is new. */
            now: string;
            /** @description Before the oldest change that is kept. */
            oldest: string;
            /**
             * Format: date-time
             * @description When that one was; null where none is kept.
             */
            oldest_at: string | null;
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
        /** @description A provider of mailboxes whose hard bounces are not believed. */
        GuardedKeeper: {
            /** @description How many addresses are held of it. */
            held: number;
            /** @description Its name, or its domain. */
            keeper: string;
            /**
             * Format: date-time
             * @description Since when.
             */
            since: string;
        };
        /** @description How one part is. */
        Health: {
            /** @description What is so, by a stable word: for whoever says it in another language. */
            code: string;
            /** @description Where in the console. */
            link?: string | null;
            /** @description The names and numbers in the words. */
            said: Record<string, unknown>;
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
        /** @description A name of a profile. */
        HeldAlias: components["schemas"]["DescribedAlias"] & {
            /** @description Whether the name's own home knows whose it is. */
            held: boolean;
            /** @description Why it is not written to; null where it may be. */
            suppressed: string | null;
            /** @description Profiles that are told when somebody claims it: `pro_…`. */
            watchers: string[];
        };
        /** @description What would happen if one event named this profile and another name. */
        IdentityTogether: {
            /** @description What would happen, in words. */
            answer: string;
            /** @description Whose it is: `pro_…`; null where nobody has it. */
            holder: string | null;
            /** @description The other name. */
            with: string;
        };
        /** @description What would happen. */
        IdentityWhatIf: components["schemas"]["IdentityTogether"] | components["schemas"]["PartedProfile"];
        /** @description What was counted. */
        ImportCounts: {
            /**
             * Format: int64
             * @description Events that the server has made durable.
             */
            accepted: number;
            /**
             * Format: int64
             * @description Rows left out because an equal one of their group counted.
             */
            identical: number;
            /**
             * Format: int64
             * @description Rows and events that were refused.
             */
            rejected: number;
            /**
             * Format: int64
             * @description Rows read.
             */
            rows: number;
            /** @description Rows skipped by reason. */
            skipped: {
                [key: string]: number;
            };
        };
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
        /** @description What lets people into a journey: an event or a segment. */
        JourneyBegins: {
            /** @description Whether leaving the segment lets people in, not entering it. */
            by_leaving?: boolean | null;
            /** @description The event. */
            event?: string | null;
            /** @description The property of which each value has a walk of its own. */
            key?: string | null;
            /** @description The rule that the event has to fit. */
            rule?: string | null;
            /** @description The segment. */
            segment?: string | null;
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
            /** @description The same, for who says it in another language. */
            begins: components["schemas"]["JourneyBegins"];
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
        JourneyStep: components["schemas"]["JourneyStepOf"] & {
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
            /**
             * Format: int64
             * @description Walks that are here now.
             */
            waiting: number;
            /** @description What it does, in words. */
            words: string;
        };
        /** @description What a step does, each part where there is one. */
        JourneyStepOf: {
            /** @description The event that it waits for. */
            event?: string | null;
            /** @description The rule that decides, or that the event has to fit. */
            rule?: string | null;
            /** @description Whether that event has to have the key of the walk. */
            same_key?: boolean | null;
            /** @description The attributes that it sets, and to what. */
            sets?: {
                [key: string]: string;
            } | null;
            /** @description How long it waits, or waits at most: `2d`. */
            span?: string | null;
            /** @description The template of a message. */
            template?: string | null;
        };
        /** @description A key, without its secret. */
        Key: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            at: string;
            /** @description What it is for. */
            name: string;
            /** @description The public beginning, by which it is revoked. */
            prefix: string;
            /** @description What it may: `write`, `lookup`, `lists` or `admin`. */
            scope: string;
        };
        /** @description All keys. */
        KeyList: {
            /** @description The keys. */
            keys: components["schemas"]["Key"][];
        };
        /** @description A key that was made. */
        KeyMade: {
            /** @description The whole key: shown here and never again. */
            key: string;
            /** @description What it is for. */
            name: string;
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
        /** @description When the last byte of somebody who was erased is gone, and where it is until then. */
        LastByte: {
            /**
             * Format: date-time
             * @description When nothing is left anywhere, backups included.
             */
            at: string;
            /**
             * Format: date-time
             * @description When the last backup that has it is taken away; null where none has it.
             */
            backups: string | null;
            /**
             * Format: date-time
             * @description When it is, or was, out of log and store.
             */
            log_and_store: string;
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
        /** @description An uploaded list. */
        List: {
            /** @description What it is for; empty if nobody said. */
            description: string;
            /** @description How long a row holds that says nothing of it: `30d`; null: for good. */
            expires: string | null;
            /**
             * Format: int64
             * @description How many people are on it.
             */
            members: number;
            /** @description Its name. */
            name: string;
            /** @description The kind of name that its rows have. */
            namespace: string;
            /**
             * @description What may be said of each member, by name: `string`, `number`, `boolean` or `any`; anything
             *     where nothing is named.
             */
            payload: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description As of when it was last replaced as a whole; null if it never was.
             */
            replaced_at: string | null;
            /** @description Whether everybody has left whom the last replacement took off. */
            settled: boolean;
            /** @description What becomes of a name that nobody has: `create` makes a profile, `skip` passes it over. */
            unknown: string;
        };
        /** @description All uploaded lists. */
        ListList: {
            /** @description By name. */
            items: components["schemas"]["List"][];
            /** @description Always null: this list has one page. */
            next: string | null;
        };
        /** @description Somebody on a list. */
        ListMember: {
            /**
             * Format: date-time
             * @description As of when the source knew it.
             */
            as_of: string;
            /**
             * Format: date-time
             * @description Until when; null: for good.
             */
            expires: string | null;
            /** @description The kind of the name. */
            namespace: string;
            /** @description What the list says of them. */
            payload: Record<string, unknown>;
            /** @description Where it came from: what the upload said, or the key's name. */
            source: string;
            /** @description The name. */
            value: string;
        };
        /** @description Who is on a list. */
        ListMembers: {
            /** @description The members. */
            items: components["schemas"]["ListMember"][];
            /** @description Where to go on; null at the end. */
            next: string | null;
        };
        /** @description A place in a partition's log. */
        LogPosition: {
            /**
             * Format: int32
             * @description How many times the log was restored or lost a tail.
             */
            incarnation: number;
            /**
             * Format: int64
             * @description Entries before this one.
             */
            offset: number;
        };
        /** @description A member. */
        Member: {
            /**
             * Format: date-time
             * @description When they were added.
             */
            at: string;
            /** @description Whether they may not sign in. */
            disabled: boolean;
            /** @description The address by which they sign in. */
            email: string;
            /**
             * Format: date-time
             * @description Until when the invitation can be used; null where there is none.
             */
            invitation_expires: string | null;
            /** @description The name. */
            name: string;
            /** @description What they may do. */
            role: components["schemas"]["Role"];
            /**
             * @description `active`; `invited`; `expired`: the invitation is over; `disabled`; `local`: signs in by a
             *     link of the server's own machine.
             */
            state: string;
        };
        /** @description A member, and how they come in. */
        MemberInvited: {
            /** @description The path of the link by which they choose a password: shown here and never again. */
            invitation: string;
            /** @description The member. */
            member: components["schemas"]["Member"];
        };
        /** @description All members. */
        MemberList: {
            /** @description By address. */
            items: components["schemas"]["Member"][];
            /** @description Always null: this list has one page. */
            next: string | null;
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
        /** @description A profile that became one with this one. */
        MergedProfile: {
            /** @description The name that both used. */
            alias: string;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /**
             * Format: int32
             * @description The partition where it lived, and where its ledger stays.
             */
            partition: number;
            /** @description The profile that was: `pro_…`. */
            profile: string;
            /** @description Why, in words. */
            why: string;
        };
        /** @description A message, from the wish to its end, with everything that explains it. */
        Message: {
            arrival?: components["schemas"]["MessageArrival"] | null;
            /** @description Every try, the first one first. */
            attempts: components["schemas"]["MessageAttempt"][];
            /** @description By what it travels. */
            channel: components["schemas"]["Channel"];
            /** @description Whose wish it is. */
            class: components["schemas"]["MessageClass"];
            /**
             * @description What its template may use as `event`. Of attached files `base64-bytes` stands in the place
             *     of their content.
             */
            context: Record<string, unknown>;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created: string;
            /**
             * Format: date-time
             * @description From when on it is pointless, and refused.
             */
            expires: string;
            /** @description Its name: `msg_…`. */
            id: string;
            /**
             * @description The offers that it carries, by placement; none where it shows the fallback. Absent before
             *     they are chosen, and where its template shows none.
             */
            offers?: {
                [key: string]: string | null;
            } | null;
            /** @description The ready queue: the route, and behind it the group of receivers where there is one. */
            path: string;
            /** @description Whom it is for, as known when it was made: `pro_…`. */
            profile: string;
            /** @description Everything that was said about it after it left, in the order of arrival. */
            reports: components["schemas"]["MessageReport"][];
            /** @description Who wanted it. */
            source: components["schemas"]["MessageSource"];
            /** @description Where it stands. */
            state: components["schemas"]["MessageState"];
            /** @description By which template it is made. */
            template: components["schemas"]["TemplateRevision"];
            /** @description The term of the balance that this is. */
            term: components["schemas"]["MessageTerm"];
            /** @description The topic; null for transactional messages. */
            topic: string | null;
            /** @description What caused it: `trc_…`, which `GET /v1/explain/{id}` takes. */
            trace: string;
            /** @description Why it was refused or put off, in words. */
            why?: string | null;
        };
        /**
         * @description What becomes of messages behind the provider.
         * @enum {string}
         */
        MessageArrival: "delivered" | "bounced";
        /** @description One try. */
        MessageAttempt: {
            /** @description The address that it was granted for; empty once the person was erased. */
            address: string;
            ended: components["schemas"]["AttemptEnd"] | null;
            /**
             * Format: date-time
             * @description When it was granted: from then on it may be on the wire.
             */
            granted: string;
            /**
             * Format: int32
             * @description Its number, from 1.
             */
            number: number;
            /** @description Which provider carries it. */
            provider: string;
        };
        /**
         * @description Whose wish a message is: `transactional` ones were asked for by the person (receipts,
         *     passwords), `triggered` ones are a journey's, `bulk` ones a campaign's. In this order they
         *     leave where room is short.
         * @enum {string}
         */
        MessageClass: "transactional" | "triggered" | "bulk";
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
            messages: components["schemas"]["Message"][];
            /**
             * @description Where to go on; absent at the end. It may be there although nothing was found: an answer
             *     looks at so many and no more.
             */
            next?: string | null;
        };
        /** @description What was said about a message after it left. */
        MessageReport: {
            actor?: components["schemas"]["TrackedActor"] | null;
            agent?: components["schemas"]["TrackedAgent"] | null;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description Corrected: why, in words. */
            because?: string | null;
            cause?: components["schemas"]["BounceCause"] | null;
            /** @description Bounced, returned: whether the address is gone for good. */
            hard?: boolean | null;
            /** @description Fetched: whether it was the link that nobody sees. */
            hidden?: boolean | null;
            /** @description Corrected: what is thought of it now. */
            is?: string | null;
            /** @description What happened. */
            kind: components["schemas"]["MessageReportKind"];
            /** @description Part delivered: the carrier's own name for the part. */
            part?: string | null;
            /**
             * Format: int32
             * @description Part delivered: how many parts there are.
             */
            parts?: number | null;
            /** @description Returned: the enhanced status code (RFC 3463), such as `5.1.1`, if there was one. */
            status?: string | null;
            /** @description Bounced, returned, opted out: the diagnostic text, or what the carrier says. */
            text?: string | null;
            /** @description Clicked, fetched: the target of the link; absent for the pixel. */
            url?: string | null;
            /** @description Corrected: what had been thought of the message. */
            was?: string | null;
            /** @description Underway: how it is doing: `delayed`, `relayed`, `expanded`, `delivered`. */
            what?: string | null;
            why?: components["schemas"]["TrackedWhy"] | null;
        };
        /**
         * @description What may be said about a message after it left. `part-delivered`: one of several parts of a text
         *     message arrived. `underway`: somebody on the way says how it is doing. `fetched`: the pixel was
         *     fetched or a link followed, and by whom. `corrected`: nobody said it, it follows from two
         *     reports that contradict each other. Of what was written before a version that knows more,
         *     `bounced`, `opened` and `clicked` stay.
         * @enum {string}
         */
        MessageReportKind: "delivered" | "bounced" | "complained" | "opened" | "clicked" | "part-delivered" | "opted-out" | "returned" | "underway" | "answered" | "fetched" | "corrected";
        /** @description Who wanted a message: a step of a journey, a run of a campaign, or a request to the API. */
        MessageSource: {
            /** @description Campaign: its name. */
            campaign?: string | null;
            /**
             * Format: int64
             * @description Campaign: the number of its run, as in `GET /v1/campaigns/runs/{id}`.
             */
            id?: number | null;
            /** @description Journey: its name. */
            journey?: string | null;
            /** @description Request: its idempotency key, if it had one. */
            key?: string | null;
            /** @description Which of them. */
            kind: components["schemas"]["MessageSourceKind"];
            /**
             * Format: int32
             * @description Journey: its revision.
             */
            revision?: number | null;
            /** @description Journey: the person's walk, `run_…`. */
            run?: string | null;
            /** @description Journey: the step's name. */
            step?: string | null;
        };
        /**
         * @description What wants messages.
         * @enum {string}
         */
        MessageSourceKind: "journey" | "campaign" | "api";
        /**
         * @description Where messages stand. `attempting`: it may be on the wire. `accepted`: a provider took
         *     responsibility, which is not *delivered*: that is a report. `refused`: we said no. `failed`: the
         *     provider said no for good, or it could not be made. `unknown`: it may have left, the answer was
         *     lost.
         * @enum {string}
         */
        MessageStanding: "queued" | "attempting" | "accepted" | "refused" | "failed" | "unknown";
        /** @description Where a message stands, and since when. */
        MessageState: {
            /**
             * Format: date-time
             * @description When it ended; absent while it is queued or attempting.
             */
            at?: string | null;
            /** @description Failed: the stable word for the cause, such as `invalid-recipient` or `gave-up-transient`. */
            code?: string | null;
            /**
             * Format: date-time
             * @description Queued: not before.
             */
            due?: string | null;
            put_off?: components["schemas"]["RefusalReason"] | null;
            reason?: components["schemas"]["RefusalReason"] | null;
            /**
             * Format: date-time
             * @description Attempting: begun by then, or not at all.
             */
            start_before?: string | null;
            /** @description The word for it. */
            state: components["schemas"]["MessageStanding"];
            /** @description Failed: the answer as given. Unknown: what was lost. */
            text?: string | null;
        };
        /**
         * @description The term of the balance that a message counts in: planned = sent + refused + failed +
         *     unknown + pending. `sent` was accepted by a provider; `refused` by our policy; `failed` was
         *     refused by a provider for good, or could not be made; `unknown` may have left; `pending`
         *     still waits.
         * @enum {string}
         */
        MessageTerm: "sent" | "refused" | "failed" | "unknown" | "pending";
        /** @description A name that was given by mistake. */
        Mistaken: {
            /** @description Whether an earlier try ended half done: the wrong name may be gone already. */
            again?: boolean;
            /** @description Whether it is meant that the person becomes one with the profile that has the right name. */
            merge?: boolean;
            /** @description What it should have been; absent: the person goes without. */
            right?: string | null;
            /** @description The name: `email:ana@exmaple.com`. */
            wrong: string;
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
        /** @description Somebody by one of their names. */
        NamedProfile: {
            /** @description The name's namespace: `user_id`, or `email`, or the first; null where the person has none. */
            namespace: string | null;
            /** @description The profile: `pro_…`. */
            profile: string;
            /** @description The name. */
            value: string | null;
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
        /** @description Why an offer is shown or not. */
        OfferReason: {
            /** @description The offer. */
            offer: string;
            /** @description The same in words, with the numbers that led there. */
            text: string;
            /** @description `chosen`, `not-eligible`, `capped`, `not-yet`, `over` or `outranked`. */
            why: string;
        };
        /** @description What a placement shows to somebody. */
        OfferShown: {
            /**
             * @description Segments that offers ask for are being built and have not come to this person: the choice
             *     may be another one soon. Absent where there is none.
             */
            building?: boolean;
            /** @description What is shown. */
            content: Record<string, unknown>;
            /** @description The use that the person does not allow. For servers; absent where there is none. */
            forbidden?: string | null;
            /** @description The offer; null where it is the fallback. */
            offer: string | null;
            /** @description The placement. */
            placement: string;
            /**
             * @description The profile: `pro_…`; null where nobody is known by the alias, or does not allow that
             *     anything is shared.
             */
            profile: string | null;
            /** @description Of each offer why, in the placement's order. For servers; empty where nothing was looked at. */
            reasons?: components["schemas"]["OfferReason"][] | null;
        };
        /** @description What is asked of an evaluation. */
        OfrepAsked: {
            /** @description Whom it is about. */
            context: components["schemas"]["OfrepContext"];
        };
        /** @description Whom an evaluation is about. */
        OfrepContext: {
            /**
             * @description Who it is: `user_id:42`; without a namespace a `user_id`. Whatever else a context says is
             *     left alone.
             */
            targetingKey: string;
        };
        /** @description One flag as it was evaluated. */
        OfrepFlag: {
            /** @description The flag. */
            key: string;
            /**
             * @description Whether the person is `known`; `since` and `until` when a membership holds at least;
             *     `building` where the reason is `STALE`.
             */
            metadata: Record<string, unknown>;
            /**
             * @description `TARGETING_MATCH`, `SPLIT`, `DEFAULT`, `DISABLED`, or `STALE`: the segment is being built
             *     and has not come to this person.
             */
            reason: string;
            /** @description The arm; of a segment whether the person is in it; of a placement what is shown. */
            value: unknown;
            /** @description The arm; of a segment `in` or `out`; of a placement the offer, or `fallback`. */
            variant: string;
        };
        /** @description Every flag as it was evaluated. */
        OfrepFlags: {
            /** @description The flags. */
            flags: components["schemas"]["OfrepFlag"][];
        };
        /** @description A no as the protocol writes it. */
        OfrepNo: {
            /** @description `PARSE_ERROR`, `TARGETING_KEY_MISSING`, `INVALID_CONTEXT` or `FLAG_NOT_FOUND`. */
            errorCode: string;
            /** @description What is wrong, in words. */
            errorDetails: string;
            /** @description The flag, where one was asked for. */
            key?: string | null;
        };
        /** @description One event, as far as it is known. */
        OneEvent: {
            /** @description About whom, the strongest name first. */
            aliases: components["schemas"]["PersonName"][];
            /** @description Attributes that it sets; absent where only its profile remembers it. */
            attributes?: Record<string, unknown> | null;
            /** @description Its id. */
            id: string;
            /** @description What happened. */
            name: string;
            /** @description When it happened. */
            occurred_at: string;
            /** @description What it says. */
            properties: Record<string, unknown>;
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
        /** @description One of the two. */
        PartedHalf: {
            /** @description Its names. */
            aliases: string[];
            /** @description Its attributes, each with the event that said it. */
            attributes: {
                [key: string]: components["schemas"]["Attribute"];
            };
            /** @description Its consents. */
            consents: components["schemas"]["Consent"][];
            /**
             * Format: date-time
             * @description When it was first seen.
             */
            created: string;
            /** @description Its events, by name. */
            events: {
                [key: string]: number;
            };
            /** @description The profiles that it is made of: `pro_…`. */
            of: string[];
        };
        /** @description Two profiles that one would be again. */
        PartedProfile: {
            /** @description What it would take along. */
            away: components["schemas"]["PartedHalf"];
            /** @description The profile that would go: `pro_…`. */
            profile: string;
            /**
             * Format: date-time
             * @description When it became a part of this one; null where that is not known.
             */
            since: string | null;
            /** @description What would stay. */
            stays: components["schemas"]["PartedHalf"];
            /** @description What cannot be told, in words. */
            unclear: string[];
            /** @description What was asked for. */
            without: string;
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
            /** @description Why `q` is no rule, where it is nobody's name either. */
            faults?: components["schemas"]["Diagnostic"][];
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
            attributes: Record<string, unknown>;
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
        /** @description What policy says of a template today. */
        PolicyNow: {
            /** @description Whether a message by it might leave, and why not, in words. */
            policy: string;
            /** @description The template. */
            template: string;
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
            definition?: Record<string, unknown> | null;
            /** @description The properties of an event that the template may use as `event`. */
            event?: Record<string, unknown>;
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
            fields?: components["schemas"]["Diagnostic"][];
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
        /** @description A profile. */
        Profile: {
            /** @description Its names: `namespace:value`. */
            aliases: string[];
            /** @description Attributes by name, each with the event that said it. */
            attributes: {
                [key: string]: components["schemas"]["Attribute"];
            };
            /** @description Computed attributes by name, as they are now. */
            computed: Record<string, unknown>;
            /** @description The consents in force. */
            consents: components["schemas"]["Consent"][];
            /**
             * Format: date-time
             * @description When it was first known.
             */
            created: string;
            /** @description Its devices. */
            devices: components["schemas"]["Device"][];
            /** @description Its id: `pro_…`. */
            id: string;
            /** @description Questions about who it is that are open. */
            identity_pending: number;
            /** @description Its walks along journeys that go on: at most 200. */
            runs: components["schemas"]["Walk"][];
            /** @description The segments that it is in. */
            segments: components["schemas"]["SegmentMembership"][];
            /** @description Its addresses that must not be written to. */
            suppressions: components["schemas"]["SuppressedAlias"][];
            /** @description Its events, the newest first: of each name at most those among the first 1,000 stored. */
            timeline: components["schemas"]["StoredEvent"][];
        };
        /** @description Everything that is known of a person. */
        ProfileExport: components["schemas"]["ExportedFacts"] & {
            /** @description Every message. */
            messages: components["schemas"]["Message"][];
            /** @description Every event, by name and time. */
            timeline: components["schemas"]["StoredEvent"][];
        };
        /** @description The names of a profile, and why it is one. */
        ProfileIdentity: {
            /** @description Its names. */
            aliases: components["schemas"]["HeldAlias"][];
            /**
             * Format: date-time
             * @description When it was first known.
             */
            created: string;
            /** @description Profiles that became one with it, in the order in which they did. */
            merges: components["schemas"]["MergedProfile"][];
            /** @description Questions about names that are open. */
            pending: string[];
            /** @description The profile: `pro_…`. */
            profile: string;
            /** @description How strong it is. */
            rank: components["schemas"]["ProfileRank"];
            /** @description Profiles that the name that was asked for led through: `pro_…`. */
            redirects: string[];
            /** @description Names that were kept from it. */
            refused: components["schemas"]["RefusedAlias"][];
            what_if: components["schemas"]["IdentityWhatIf"] | null;
        };
        /** @description How strong a profile is: of two that become one the stronger one stays. */
        ProfileRank: {
            /**
             * Format: int32
             * @description The priority of the namespace of its first name: lower is stronger.
             */
            priority: number;
            /** @description Where that comes from, in words. */
            since: string;
        };
        /** @description A request, with its secrets masked. */
        ProviderRequest: {
            /** @description Whether the body is shown in base64. */
            base64: boolean;
            /** @description The body, as it is, or in base64 where it is no text. */
            body: string;
            /** @description The headers that are ours to say, in their order; the connection's own come besides. */
            headers: components["schemas"]["MessageHeader"][];
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
        /** @description A provider as it stands. */
        ProviderStanding: {
            /** @description What it carried, by counter: the raw form of `counted`. */
            carried: {
                [key: string]: number;
            };
            /** @description What it carried, day by day. */
            counted: components["schemas"]["DayCount"][];
            /**
             * Format: int32
             * @description Messages that are.
             */
            in_flight: number;
            /** @description Its name. */
            name: string;
            /**
             * @description The circuit breaker: `closed` (it is given messages), `open` (it is not), `half-open`,
             *     `ramping`; or `without a way out`, where it is not equipped.
             */
            state: string;
            /**
             * Format: date-time
             * @description Until when the circuit is open; null where it is not.
             */
            until: string | null;
            warm_up: components["schemas"]["WarmUpToday"] | null;
            /**
             * Format: int32
             * @description Messages that may be under way at once.
             */
            window: number;
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
                [key: string]: Record<string, unknown>;
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
        /** @description A definition in force. */
        PublishedDefinition: {
            /** @description As it was written. */
            definition: Record<string, unknown>;
            /**
             * Format: int64
             * @description The plan that published it.
             */
            plan: number;
            /**
             * Format: int32
             * @description Its revision, from 1.
             */
            revision: number;
        };
        /** @description A record of the domain name system. */
        PublishedRecord: {
            /** @description `TXT`, `MX` or `PTR`. */
            kind: string;
            /** @description The full name, without the last dot. */
            name: string;
            /** @description The value as a resolver would show it, strings joined. */
            value: string;
        };
        /** @description What a page subscribes with. */
        PushKey: {
            /** @description The provider. */
            provider: string;
            /** @description Its public key on P-256 in base64url: `applicationServerKey`. */
            public_key: string;
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
        /** @description Events that were given up. */
        QuarantineDropped: {
            /** @description Events that are gone. */
            dropped: number;
            /** @description Events that still wait. */
            waiting: number;
        };
        /** @description What is mended in events before they are tried again. */
        QuarantineFix: {
            /** @description Types by path into which a value is turned where nothing is lost: `number`, `string`… */
            cast?: {
                [key: string]: string;
            };
            /** @description Whether they may start journeys and send, as they would have when they came. */
            live?: boolean;
            /** @description Paths that are left out. */
            remove?: string[];
            /** @description New names by path: `properties.amount` → `total`. */
            rename?: {
                [key: string]: string;
            };
        };
        /** @description What waits. */
        QuarantineList: {
            /** @description Whether there may be more of them than were counted. */
            at_least?: boolean | null;
            /**
             * @description Inputs of any kind that could not be decided: there should be none. At most 1,000 of each
             *     partition.
             */
            entries: components["schemas"]["UndecidedEntry"][];
            /** @description How many fit in all, as far as one request looks; only on the first page of several. */
            fit?: number | null;
            /** @description Events that do not fit their schema. */
            items: components["schemas"]["QuarantinedEvent"][];
            /** @description Where to go on; null at the end. */
            next: string | null;
        };
        /** @description Events that were tried again. */
        QuarantineReplayed: {
            /** @description Events that fit now, and are applied. */
            replayed: number;
            /** @description Events that still wait. */
            waiting: number;
        };
        /** @description An event that was taken and waits, because it does not fit its schema. */
        Quarantined: {
            /** @description Its id: `evt_…`. */
            event: string;
            /** @description Every fault of it. */
            faults: components["schemas"]["Diagnostic"][];
            /** @description Its place in the request, from 0. */
            index: number;
        };
        /** @description An event that waits because it does not fit its schema. */
        QuarantinedEvent: {
            /** @description The event. */
            event: components["schemas"]["UnfitEvent"];
            /** @description Every fault. */
            faults: components["schemas"]["Diagnostic"][];
            /** @description What it is called here. */
            id: string;
            /**
             * Format: date-time
             * @description Since when it waits.
             */
            since: string;
            /** @description The request that it came with: `trc_…`. */
            trace: string;
            /**
             * Format: int32
             * @description How often it was tried again.
             */
            tries: number;
        };
        /** @description What waits in one ready queue and class. */
        QueueShown: {
            /**
             * Format: int64
             * @description For how many seconds that one has been due; 0 before it is.
             */
            age_seconds: number;
            /** @description Whether there may be more than were counted. */
            at_least: boolean;
            /**
             * Format: int64
             * @description The number of the campaign's run; null for other messages.
             */
            campaign: number | null;
            /** @description The class of its messages. */
            class: components["schemas"]["MessageClass"];
            /** @description Whether nothing is taken from it for now. */
            closed: boolean;
            /**
             * Format: date-time
             * @description When the first of them is due, or was.
             */
            earliest: string;
            /**
             * Format: date-time
             * @description When that one is pointless; null if never.
             */
            expires: string | null;
            /** @description Where its messages go: a mailbox provider, a country; null where nothing depends on it. */
            group: string | null;
            /** @description Its name. */
            path: string;
            /** @description Who may carry its messages, the first one first; null while nobody knows the queue yet. */
            providers: string[] | null;
            /** @description The route, or the provider that serves as one. */
            route: string;
            /** @description Messages that wait. */
            waiting: number;
            /** @description Providers that have just refused its messages for reasons of their own. */
            without: string[];
        };
        /** @description Queues, providers and routes. */
        Queues: {
            /**
             * Format: date-time
             * @description When this was read.
             */
            now: string;
            /** @description The providers. */
            providers: components["schemas"]["ProviderStanding"][];
            /** @description Queues in which something waits. */
            queues: components["schemas"]["QueueShown"][];
            /** @description Routes by name, as they were written. */
            routes: {
                [key: string]: Record<string, unknown>;
            };
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
            attributes: Record<string, unknown>;
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
            properties: Record<string, unknown>;
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
            /** @description Names that were given by mistake. */
            aliases?: components["schemas"]["Mistaken"][];
            /** @description Attributes by name; `null` removes one. */
            attributes?: Record<string, unknown>;
        };
        /** @description Why a message was refused or put off. */
        RefusalReason: {
            /**
             * @description The stable word: `no-consent`, `consent-withdrawn`, `suppressed`, `frequency-capped`,
             *     `quiet-hours`… New ones may come.
             */
            code: string;
            /**
             * @description The numbers and names that led there. Which ones depends on the code: of
             *     `frequency-capped` `sent`, `cap` and `window`; spans are milliseconds.
             */
            details: Record<string, unknown>;
        };
        /** @description A name that was kept from a profile. */
        RefusedAlias: components["schemas"]["DescribedAlias"] & {
            /**
             * @description Which two names never belong together: pairs of one of this profile's and one of the
             *     holder's.
             */
            by?: string[][] | null;
            /** @description Whose it is: `pro_…`; absent where nobody has it any more. */
            holder?: string | null;
        };
        /** @description Devices whose tokens were refused. */
        RefusedDeviceList: {
            /** @description By service and app. */
            items: components["schemas"]["RefusedDevices"][];
            /**
             * Format: int64
             * @description Days after which a device whose token is gone is forgotten.
             */
            kept_days: number;
        };
        /** @description Devices of one service and app that are not pushed to. */
        RefusedDevices: {
            /** @description Whose token is gone for good, as the service says. */
            gone: number;
            /**
             * Format: date-time
             * @description Since when there are too many at once to be believed; null where there are not.
             */
            guarded_since: string | null;
            /** @description Service and app: `apns:org.example.shop`. */
            keeper: string;
            latest: components["schemas"]["TokenRefusal"] | null;
            /** @description Whose token belongs to another app or environment. */
            misplaced: number;
            /** @description How many there are: `gone` and `misplaced` together. */
            refused: number;
            /**
             * Format: date-time
             * @description When the first of them was refused; null where there is none.
             */
            since: string | null;
        };
        /** @description What was decided about refused devices. */
        RefusedDevicesDecided: {
            /** @description How many it was about. */
            devices: number;
            /** @description Whether they are pushed to again; else they were let go. */
            pushed_to_again: boolean;
        };
        /** @description An event, or a row, that was refused. */
        Rejected: {
            /** @description Every fault of it. */
            faults: components["schemas"]["Diagnostic"][];
            /** @description Its place in the request, from 0. */
            index: number;
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
        /** @description One part of a segment's rule, and how it stands for one person. */
        RuleExplanation: {
            /**
             * @description What was found and what was needed: `count(order_completed, last 90d) is 2, needs at least
             *     3`.
             */
            detail: string;
            /** @description Whether it holds. */
            inside: boolean;
            /** @description The parts of this part. */
            parts: components["schemas"]["RuleExplanation"][];
            /** @description The part's text. */
            text: string;
            /**
             * Format: date-time
             * @description Until when, if only time goes by.
             */
            until: string | null;
        };
        /** @description A finding about a rule, as an editor wants it. */
        RuleFinding: {
            /**
             * Format: int32
             * @description Where it begins: bytes from the start of the text.
             */
            at: number | null;
            /** @description Whether it blocks. */
            blocks: boolean;
            /** @description The stable word: `unknown-attribute`. */
            code: string;
            /** @description The character in that line, from 1. */
            column: number | null;
            /**
             * Format: int32
             * @description Where it ends: one byte past the last.
             */
            end: number | null;
            /** @description What was expected there, where that is known. */
            expected: string | null;
            /** @description What to do, if there is something. */
            hint: string | null;
            /** @description The line where it begins, from 1. */
            line: number | null;
            /** @description What is wrong. */
            message: string;
            /** @description A name that may have been meant. */
            near: string | null;
            /** @description Whether it blocks: `error` or `warning`. */
            severity: components["schemas"]["Severity"];
        };
        /** @description A schema's definition. */
        SchemaDefinition: {
            /** @description As it was written. */
            document: Record<string, unknown>;
            /** @description Its name. */
            key: string;
        };
        /** @description Every event that came in or is written down, and attributes. */
        SchemaList: {
            /** @description Attributes. */
            attributes: components["schemas"]["SchemaListed"];
            /** @description What was not learned because there are too many names, in words; null if all was. */
            bound: string | null;
            /** @description Events by name. */
            items: components["schemas"]["SchemaListed"][];
            /** @description Always null: this list has one page. */
            next: string | null;
        };
        /** @description What is known of an event, or of attributes, in short. */
        SchemaListed: {
            /**
             * Format: int64
             * @description How many came in.
             */
            count: number;
            /** @description The definition that is about it; null where nobody wrote one. */
            definition: string | null;
            /** @description The event's name; null for attributes. */
            event: string | null;
            /**
             * Format: date-time
             * @description When the first one came; null if none did.
             */
            first_seen: string | null;
            /**
             * Format: date-time
             * @description When the last one came; null if none did.
             */
            last_seen: string | null;
            /** @description How many properties were seen in it. */
            properties: number;
            /** @description How far it has come. */
            state: components["schemas"]["SchemaState"];
            /** @description How many definitions use it. */
            used_in: number;
        };
        /** @description An old name of an event. */
        SchemaOldName: {
            /**
             * Format: int64
             * @description How many still came in under it.
             */
            count: number;
            /**
             * Format: date-time
             * @description When the last one did; null if none did.
             */
            last_seen: string | null;
            /** @description The name. */
            name: string;
        };
        /** @description What is known of a property. Where it was never seen, what was seen is absent. */
        SchemaProperty: {
            /**
             * Format: date-time
             * @description When it was seen first.
             */
            first_seen?: string | null;
            /**
             * Format: date-time
             * @description When it was seen last.
             */
            last_seen?: string | null;
            /** @description Its path: `total`, `address.city`, `items[].sku`. */
            path: string;
            /**
             * Format: double
             * @description In which share of what was looked at it was there, from 0 to 1.
             */
            present?: number | null;
            /** @description The types that it had, of which there were any. */
            types?: components["schemas"]["SeenType"][] | null;
            /** @description Who uses it. */
            used_in: components["schemas"]["SchemaUse"][];
            /**
             * @description What is written down of it: a type, or several, or an object with `type`, `required`, `was`,
             *     `cast`, `description`; null where nothing is.
             */
            written: unknown;
        };
        /** @description What is known of an event, or of attributes. No values. */
        SchemaShown: {
            /** @description What was not learned because there are too many paths, in words; null if all was. */
            bound: string | null;
            /**
             * Format: int64
             * @description How many came in.
             */
            count: number;
            definition: components["schemas"]["SchemaDefinition"] | null;
            /** @description The event's name; null for attributes. */
            event: string | null;
            /**
             * Format: date-time
             * @description When the first one came; null if none did.
             */
            first_seen: string | null;
            /** @description Attributes: the name that their definition has. */
            key?: string | null;
            /**
             * Format: date-time
             * @description When the last one came; null if none did.
             */
            last_seen: string | null;
            /**
             * Format: int64
             * @description How many of them were looked at.
             */
            looked_at: number;
            /** @description Properties that were seen or written down, by path. */
            properties: components["schemas"]["SchemaProperty"][];
            /** @description How far its schema has come. */
            state: components["schemas"]["SchemaState"];
            /** @description What could be written down: a definition of kind `schema`. */
            suggested: Record<string, unknown>;
            /** @description Who uses it. */
            used_in: components["schemas"]["SchemaUse"][];
            /** @description Old names of the event. */
            was: components["schemas"]["SchemaOldName"][];
        };
        /**
         * @description How far the schema of an event, or of attributes, has come: nobody wrote it down; it is written
         *     down and refuses nothing; what does not fit it waits in quarantine.
         * @enum {string}
         */
        SchemaState: "unwritten" | "learned" | "locked";
        /** @description A definition that uses something. */
        SchemaUse: {
            /** @description Where in it: `rule`, `entry.event`… */
            how: string;
            /** @description Its kind: `segment`. */
            kind: string;
            /** @description Its name. */
            name: string;
        };
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
        /** @description How often a value had a type. */
        SeenType: {
            /**
             * Format: int64
             * @description How often.
             */
            count: number;
            /**
             * @description `string`, `number`, `boolean`, `date` (a text that looks like a day or an instant), `array`,
             *     `object` or `null`.
             */
            type: string;
        };
        /** @description A segment and how many are in it. */
        Segment: {
            /**
             * Format: double
             * @description The share of profiles for which this revision is built, from 0 to 1. Below 1 `members` still
             *     has some by the rule before.
             */
            built: number;
            /**
             * Format: int64
             * @description People who are in it now.
             */
            members: number;
            /** @description Its name. */
            name: string;
            /**
             * Format: int32
             * @description The revision in force.
             */
            revision: number;
            /** @description Its rule's text. */
            rule: string;
            trend?: components["schemas"]["SegmentLine"] | null;
        };
        /** @description What became of many calls. */
        SegmentBatch: {
            /** @description Calls that are durable. */
            accepted: number;
            /** @description Calls that were refused, each with every fault. */
            rejected: components["schemas"]["Rejected"][];
            /** @description Always true: a no is a problem. It is also said where calls were refused. */
            success: boolean;
            /** @description What else is to be said, in words. */
            warnings?: string[] | null;
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
        /** @description What became of one call. */
        SegmentCalled: {
            /** @description Always true: a no is a problem. */
            success: boolean;
        };
        /** @description How many people a rule holds for. */
        SegmentEstimate: {
            /**
             * Format: int64
             * @description How many people it holds for, as likely as can be; null where it cannot be read.
             */
            count: number | null;
            /** @description What is to be said about the rule. */
            diagnostics: components["schemas"]["RuleFinding"][];
            /** @description Whether everybody was looked at, so that `low` and `high` are `count`. */
            exact: boolean;
            /**
             * Format: int64
             * @description As many as this, 95 times of 100.
             */
            high?: number | null;
            /** @description The rule's JSON; null where it cannot be read. */
            json: Record<string, unknown> | null;
            /**
             * Format: int64
             * @description As few as this, 95 times of 100.
             */
            low?: number | null;
            /**
             * Format: int64
             * @description How many people there are.
             */
            of?: number | null;
            /** @description Some of whom it holds for: at most 10. */
            people: components["schemas"]["NamedProfile"][];
            /**
             * Format: int64
             * @description How many of them were looked at.
             */
            sampled?: number | null;
            /** @description The rule's text; null where it cannot be read. */
            text: string | null;
            /**
             * Format: int64
             * @description How long it took.
             */
            took_ms: number;
        };
        /** @description A destination of analytics.js. */
        SegmentIntegration: {
            /** @description Host and path before the letter of a call. */
            apiHost: string;
            /** @description The write key. */
            apiKey: string;
            /** @description `https` or `http`. */
            protocol: string;
        };
        /** @description Members of a segment over time, as a line in a list. */
        SegmentLine: {
            /** @description How far two samples are from each other in the server's memory. */
            every: components["schemas"]["TrendEvery"];
            /** @description Members at each sample, oldest first. */
            members: number[];
            /**
             * Format: date-time
             * @description When the first sample was taken; null where there is none.
             */
            since: string | null;
            /**
             * Format: date-time
             * @description When the last sample was taken; null where there is none.
             */
            until: string | null;
        };
        /** @description All segments. */
        SegmentList: {
            /** @description By name. */
            segments: components["schemas"]["Segment"][];
        };
        /** @description Who is in a segment. */
        SegmentMembers: {
            /**
             * Format: int64
             * @description How many there are in all.
             */
            count: number;
            /**
             * @description The names of some of them in the namespace that was asked for, or the profile's id
             *     (`pro_…`) of who has none there.
             */
            members: string[];
            /** @description Where to go on; null at the end. */
            next: string | null;
            /** @description The segment. */
            segment: string;
        };
        /** @description That somebody is in a segment. */
        SegmentMembership: {
            /** @description The segment. */
            name: string;
            /**
             * Format: date-time
             * @description Since when.
             */
            since: string;
        };
        /** @description What analytics.js asks for before anything else: where it sends what the page reports. */
        SegmentSettings: {
            /** @description By the name of a destination: only Cauce itself, under the name of Segment's own. */
            integrations: {
                [key: string]: components["schemas"]["SegmentIntegration"];
            };
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
        /** @description One finding about a sender. */
        SenderFinding: {
            /** @description What it is about: `spf`, `dkim`, `dmarc`, `ptr`, `return-path` or `unsubscribe`. */
            about: string;
            /** @description A stable word for programs. */
            code: string;
            /** @description What to do. */
            hint?: string | null;
            publish?: components["schemas"]["PublishedRecord"] | null;
            /** @description What was found, in words. */
            text: string;
            /**
             * @description How much it weighs: `fine`, `unknown` (it could not be found out), `warning` (it costs trust
             *     somewhere) or `error` (large providers refuse mail for it).
             */
            weight: string;
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
        /** @description A ready queue, in short. */
        SendingQueue: {
            /** @description Whether nothing is taken from it for now. */
            closed: boolean;
            /**
             * Format: date-time
             * @description When the first message is due, or was; null where nothing waits.
             */
            earliest: string | null;
            /** @description In how many partitions something waits. */
            partitions: number;
            /** @description Its name. */
            path: string;
        };
        /** @description How sending stands. */
        SendingState: {
            /** @description Messages that are granted and not settled. */
            in_flight: number;
            /** @description Why nothing leaves; null where sending goes on. */
            paused: string | null;
            /** @description The ready queues. */
            queues: components["schemas"]["SendingQueue"][];
            /** @description What an operator has to mend, by what it is about (`provider/mail`), in words. */
            troubles: {
                [key: string]: string;
            };
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
        /** @description A session, as pages are told. The cookie that comes with it is the browser's. */
        Session: {
            /** @description What every change says in the header `X-CSRF-Token`. */
            csrf: string;
            /**
             * Format: date-time
             * @description When the session ends.
             */
            expires: string;
            /** @description Who is signed in. */
            member: components["schemas"]["SignedIn"];
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
        /**
         * @description Whether a finding blocks: an `error` does, a `warning` does not.
         * @enum {string}
         */
        Severity: "error" | "warning";
        /** @description Since when somebody is in a segment. */
        SharedMembership: {
            /**
             * Format: date-time
             * @description Since when.
             */
            since: string;
            /**
             * Format: date-time
             * @description The earliest instant at which time alone could end it; null where it cannot.
             */
            until: string | null;
        };
        /** @description What is shared of a profile. */
        SharedProfile: {
            /** @description Shared attributes by name; those that the person does not have are absent. */
            attributes: Record<string, unknown>;
            /**
             * @description Segments that are being built and have not come to this person: what `segments` says of
             *     them was true of their last rule. Absent where there is none.
             */
            building?: string[];
            /** @description The person's arm in each experiment, by the experiment's name. */
            experiments: {
                [key: string]: string;
            };
            /** @description The profile: `pro_…`; null in a stream about somebody who is not known yet. */
            profile: string | null;
            /** @description The shared segments that the person is in, by name. */
            segments: {
                [key: string]: components["schemas"]["SharedMembership"];
            };
        };
        /** @description Who is signed in. */
        SignedIn: {
            /** @description The address. */
            email: string;
            /** @description The name. */
            name: string;
            /** @description What they may do. */
            role: components["schemas"]["Role"];
        };
        /** @description A version of a destination. */
        SnapshotMade: {
            /** @description The destination. */
            destination: string;
            /**
             * Format: int64
             * @description The version, from 1.
             */
            version: number;
        };
        /** @description A source of events. */
        Source: {
            /** @description What became of its files. */
            files: components["schemas"]["SourceFiles"];
            /** @description `folder`, `store` or `nats`. */
            kind: string;
            /** @description Whether its events may start journeys and send; otherwise they belong to the past. */
            live: boolean;
            /** @description Its name. */
            name: string;
            /** @description How it stands since the process started. */
            standing: components["schemas"]["SourceStanding"];
        };
        /** @description A file that is done with. */
        SourceFile: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What was counted. */
            counts: components["schemas"]["ImportCounts"];
            /** @description Its content's hash. */
            hash: string;
            /** @description Its name. */
            name: string;
            /** @description Why it failed. */
            reason?: string | null;
            /** @description Where its rejected rows are. */
            rejected_in?: string | null;
            /** @description What became of it. */
            state: components["schemas"]["SourceFileState"];
            /** @description What named its content where it lay. */
            version: string;
        };
        /** @description Files of a source. */
        SourceFileList: {
            /** @description The last first, at most 1,000. */
            files: components["schemas"]["SourceFile"][];
        };
        /**
         * @description What became of a file.
         * @enum {string}
         */
        SourceFileState: "taken" | "failed";
        /** @description A file that is being taken. */
        SourceFileUnderWay: {
            /** @description What was counted. */
            counts: components["schemas"]["ImportCounts"];
            /** @description Its name. */
            file: string;
        };
        /** @description Files of a source by what became of them. */
        SourceFiles: {
            /**
             * Format: int64
             * @description Events that are durable.
             */
            accepted: number;
            /** @description Files that could not be read. */
            failed: number;
            /**
             * Format: int64
             * @description Rows and events that were refused.
             */
            rejected: number;
            /**
             * Format: int64
             * @description Rows in them.
             */
            rows: number;
            /** @description Files that were taken. */
            taken: number;
        };
        /** @description All sources. */
        SourceList: {
            /** @description By name. */
            sources: components["schemas"]["Source"][];
        };
        /** @description How a source stands since the process started. */
        SourceStanding: {
            /**
             * Format: date-time
             * @description When it was last looked for files, or messages were last taken.
             */
            looked_at?: string | null;
            messages?: components["schemas"]["ImportCounts"] | null;
            /**
             * Format: date-time
             * @description When it is looked again.
             */
            next_at?: string | null;
            /** @description What keeps it from going on. */
            trouble?: string | null;
            under_way?: components["schemas"]["SourceFileUnderWay"] | null;
            /**
             * Format: int64
             * @description Files that are there and not yet taken.
             */
            waiting: number;
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
        /** @description An event as it stands in a person's timeline. */
        StoredEvent: {
            /** @description Its id: `evt_…`. */
            id: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: date-time
             * @description When it happened.
             */
            occurred_at: string;
            /** @description The profile that it first belonged to: another one where two became one. */
            profile: string;
            /** @description What it said. */
            properties: Record<string, unknown>;
            /**
             * Format: date-time
             * @description When Cauce accepted it.
             */
            received_at: string;
        };
        /** @description An address that must not be written to. */
        SuppressedAddress: {
            /** @description The address. */
            address: string;
            /**
             * Format: date-time
             * @description Since when.
             */
            at: string;
            /** @description What shows it: the answer as given, who said so. */
            evidence: string;
            /** @description `email` or `phone`. */
            namespace: string;
            /** @description `hard-bounce`, `complaint`, `soft-bounces`, `manual`… */
            reason: string;
            /** @description What is not sent there; the reason decides. */
            stops: components["schemas"]["SuppressionStops"];
        };
        /** @description An address of a person that must not be written to. */
        SuppressedAlias: {
            /** @description The alias: `email:ana@example.com`. */
            address: string;
            /** @description Why. */
            why: components["schemas"]["Suppression"];
        };
        /** @description Why an address must not be written to. */
        Suppression: {
            /**
             * Format: date-time
             * @description Since when.
             */
            at: string;
            /** @description What shows it: the answer as given, who said so. */
            evidence: string;
            /** @description `hard-bounce`, `complaint`, `soft-bounces`, `manual`… */
            reason: string;
            /** @description What is not sent there; the reason decides. */
            stops: components["schemas"]["SuppressionStops"];
        };
        /** @description Addresses that somebody else suppressed. */
        SuppressionImport: {
            /** @description The addresses. */
            items: components["schemas"]["SuppressionItem"][];
        };
        /** @description What became of an import. */
        SuppressionImported: {
            /** @description Those that were not. */
            rejected: components["schemas"]["SuppressionRejected"][];
            /** @description Addresses that were taken. */
            taken: number;
        };
        /** @description One of them. */
        SuppressionItem: {
            /** @description The address. */
            address: string;
            /** @description What shows it. */
            evidence?: string;
            /** @description `email` or `phone`; `email` if absent. */
            namespace?: string | null;
            /**
             * @description Why; `import` if absent. `complaint`, `unsubscribed`, `manual-marketing` and
             *     `soft-bounces` stop marketing, every other word stops everything.
             */
            reason?: string;
        };
        /** @description Addresses that must not be written to. */
        SuppressionList: {
            /** @description The addresses. */
            items: components["schemas"]["SuppressedAddress"][];
            /** @description Where to go on; null at the end. */
            next: string | null;
        };
        /** @description An address that was not taken. */
        SuppressionRejected: {
            /** @description What is wrong with it. */
            detail: string;
            /** @description Its place in the request, from 0. */
            item: number;
        };
        /**
         * @description What a suppression stops: `marketing` is what nobody asked for, `everything` is transactional
         *     messages as well.
         * @enum {string}
         */
        SuppressionStops: "marketing" | "everything";
        /** @description What the guard against mass bounces holds. */
        SuppressionsHeld: {
            /** @description How many addresses are held. */
            count: number;
            /** @description The first 1,000 of them. */
            items: components["schemas"]["SuppressedAddress"][];
            /** @description Providers whose hard bounces are not believed. */
            keepers: components["schemas"]["GuardedKeeper"][];
        };
        /** @description What became of what was held. */
        SuppressionsReleased: {
            /** @description Whether their suppressions are in force from now on; otherwise they are forgotten. */
            in_force: boolean;
            /** @description How many addresses are not held any more. */
            released: number;
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
            rejected: components["schemas"]["Rejected"][];
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
        /** @description A template at one of its revisions. */
        TemplateRevision: {
            /** @description Its name. */
            name: string;
            /**
             * Format: int32
             * @description Its revision, from 1.
             */
            revision: number;
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
            /**
             * @description Parts times price, by who would carry it; to the number that was named or that the profile
             *     has. Empty without a number.
             */
            fares: components["schemas"]["TextMessageFare"][];
            /** @description The first character that makes it `ucs2`, of which a part holds less than half as much. */
            forced_by?: string | null;
            /** @description Units that are still free in the last part. */
            free: number;
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
        TextMessageFare: {
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
            properties: Record<string, unknown>;
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
            /** @description `fine`, `alert` or `pause`; `pause` as well where it is paused since an earlier day. */
            standing: string;
        };
        /** @description A refusal of a token. */
        TokenRefusal: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What the service said. */
            why: string;
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
        /** @description One step of what one request caused. */
        TraceStep: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What changed about people. */
            caused: components["schemas"]["Caused"][];
            /** @description What followed, in words. */
            effects: string[];
            /** @description The event that was taken: `evt_…`; absent where the input is none. */
            event?: string | null;
            /** @description What kind of input. */
            input: string;
            /** @description Whether more changed about people than is remembered here. */
            more: boolean;
            /**
             * Format: int64
             * @description At which place of its log.
             */
            offset: number;
            /**
             * Format: int32
             * @description In which partition.
             */
            partition: number;
        };
        /**
         * @description Who opened or followed: a person, a program for its own ends, or nothing tells.
         * @enum {string}
         */
        TrackedActor: "human" | "machine" | "unknown";
        /**
         * @description What a program that fetches says it is: a `proxy` fetches when a person looks, a
         *     `prefetcher` whether or not.
         * @enum {string}
         */
        TrackedAgent: "browser" | "proxy" | "prefetcher" | "robot" | "nameless";
        /**
         * @description Why somebody is thought to be a person or a program. `ordinary`: nothing speaks against a
         *     person.
         * @enum {string}
         */
        TrackedWhy: "ordinary" | "agent" | "hidden-link" | "burst" | "too-soon";
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
        /** @description Why an input could not be decided. */
        UndecidedCause: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description The cause, for an engineer. */
            cause: string;
            /** @description What kind of input it was. */
            kind: string;
        };
        /** @description An input that could not be decided. */
        UndecidedEntry: {
            /** @description Why. */
            entry: components["schemas"]["UndecidedCause"];
            /**
             * Format: int32
             * @description In which partition.
             */
            partition: number;
            /** @description At which place of its log. */
            position: components["schemas"]["LogPosition"];
        };
        /** @description An event that does not fit. */
        UnfitEvent: {
            /** @description Whose it is: `namespace:value`. */
            aliases: string[];
            /** @description What it says about the person. */
            attributes: Record<string, unknown>;
            /** @description Whether it belongs to the past, and never starts or sends anything. */
            historical: boolean;
            /** @description Its id: `evt_…`. */
            id: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: date-time
             * @description When it happened.
             */
            occurred_at: string;
            /** @description What it says. */
            properties: Record<string, unknown>;
            /**
             * Format: date-time
             * @description When Cauce accepted it.
             */
            received_at: string;
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
        /** @description A variable of a template. */
        UsedVariable: {
            /** @description Whether its absence shows no hole: there is a default, or it is only tested. */
            fallback: boolean;
            /** @description The part that uses it: `subject`, `html`… */
            part: string;
            /** @description Its path: `profile.first_name`, `event.code`. */
            path: string;
        };
        /** @description The variables that a template uses. */
        UsedVariables: {
            /** @description Paths that it needs of its event. */
            needed: string[];
            /** @description The template. */
            template: string;
            /** @description All of them, in the order in which they stand. */
            variables: components["schemas"]["UsedVariable"][];
        };
        /** @description A person's walk along a journey. */
        Walk: {
            /** @description What the entry event said; steps may use it as `event`. */
            context: Record<string, unknown>;
            /** @description Its name: `run_…`. */
            id: string;
            /** @description The journey. */
            journey: string;
            /** @description What it is about: one walk per key at a time; empty where the journey has no key. */
            key: string;
            /** @description The last event that moved it: `evt_…`. */
            moved_by: string | null;
            /**
             * Format: int32
             * @description The place of the step that it is at, among the journey's steps from 0.
             */
            node: number;
            /**
             * Format: int32
             * @description The revision that it stays on.
             */
            revision: number;
            /**
             * Format: date-time
             * @description When it started.
             */
            started: string;
            /** @description What caused it: `trc_…`, which `GET /v1/explain/{id}` takes. */
            trace: string;
            /** @description What it waits for there. */
            waiting: components["schemas"]["WalkWaiting"];
        };
        /** @description What a walk waits for. */
        WalkWaiting: {
            /** @description Whether an event may make it go on before. */
            event: boolean;
            /**
             * Format: date-time
             * @description When it goes on by itself.
             */
            until: string;
        };
        /** @description A provider's plan to send more day by day, as it is today. */
        WarmUpToday: {
            /** @description The day in the plan's zone: `2026-11-30`. */
            day: string;
            /** @description Messages that it allows today to each group, of those that were asked for. */
            groups: {
                [key: string]: number;
            };
            /** @description Whether it is over: nothing is held back any more. */
            over: boolean;
            /**
             * Format: int64
             * @description Messages that the plan allows today at the most; null once it is over.
             */
            today: number | null;
            /**
             * Format: int64
             * @description Once a day may have so many, there is no limit any more.
             */
            until: number;
            /** @description The zone in which its days are counted. */
            zone: string;
        };
        /** @description What a payload for a browser is encrypted to (RFC 8291), in base64url. */
        WebKeys: {
            /** @description Its secret. */
            auth: string;
            /** @description Its public key on P-256. */
            p256dh: string;
        };
        /** @description Why a profile did, or did not, get a campaign. */
        WhyCampaign: {
            /** @description The campaign. */
            campaign: string;
            /** @description Whether a message might leave today, and why not, in words. */
            policy_now: string;
            /** @description The profile: `pro_…`. */
            profile: string;
            /**
             * Format: int64
             * @description The run's number.
             */
            run: number;
            /** @description Every segment that the audience names. */
            segments: components["schemas"]["AudienceSegment"][];
            /** @description What the run made of the person. */
            verdict: components["schemas"]["CampaignVerdict"];
        };
        /** @description Why a profile is, or is not, in a journey. */
        WhyJourney: {
            /** @description What lets people in, and how that stands, in words. */
            entry: string;
            exit: components["schemas"]["RuleExplanation"] | null;
            /** @description The journey. */
            journey: string;
            /** @description The journey's messages to the person: the newest, at most 20. */
            messages: components["schemas"]["Message"][];
            /** @description What policy says of each template of the journey today. */
            policy_now: components["schemas"]["PolicyNow"][];
            /** @description The profile: `pro_…`. */
            profile: string;
            /** @description Walks that go on. */
            runs: components["schemas"]["Walk"][];
            /** @description In words. */
            verdict: string;
            why: components["schemas"]["RuleExplanation"] | null;
        };
        /** @description Why a profile is, or is not, in a segment. */
        WhySegment: {
            /** @description Whether it is in it now. */
            inside: boolean;
            /** @description The profile: `pro_…`. */
            profile: string;
            /** @description The segment. */
            segment: string;
            /** @description The rule, part by part. */
            why: components["schemas"]["RuleExplanation"];
        };
        /** @description Why a profile got, or did not get, messages by a template. */
        WhyTemplate: {
            /** @description Messages by it to the person: the newest, at most 20. */
            messages: components["schemas"]["Message"][];
            /** @description What policy says of it today. */
            policy_now: components["schemas"]["PolicyNow"][];
            /** @description The profile: `pro_…`. */
            profile: string;
            /** @description The template. */
            template: string;
            /** @description In words. */
            verdict: string;
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
                "application/json": components["schemas"]["OfrepAsked"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfrepFlags"];
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
                    "application/json": components["schemas"]["OfrepNo"];
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
                "application/json": components["schemas"]["OfrepAsked"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfrepFlag"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfrepNo"];
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
                    "application/json": components["schemas"]["OfrepNo"];
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
            query?: {
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description Rows of the page: 50 if absent, at most 500. */
                limit?: number;
                /** @description Part of the name of who did it. */
                who?: string;
                /** @description What was done, or its beginning: `campaign`, `key.make`. */
                what?: string;
                /** @description Of which thing, exactly. */
                of?: string;
                /** @description About which person: `email:ana@example.com`. Rows name people by a hash. */
                person?: string;
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
                    "application/json": components["schemas"]["AuditList"];
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
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description the good ones are durable, the others listed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentBatch"];
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
                    "application/json": components["schemas"]["BrowserToken"];
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
                    "application/json": components["schemas"]["CampaignRunList"];
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
                    "application/json": components["schemas"]["CampaignRun"];
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
                    "application/json": components["schemas"]["CampaignRun"];
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
                    "application/json": components["schemas"]["CampaignAhead"];
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
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CampaignStart"] | null;
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignRun"];
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
                    "application/json": components["schemas"]["Clock"];
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
                    "application/json": components["schemas"]["Clock"];
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
            query: {
                /** @description `event`, `property`, `attribute`, or a kind of definition: `segment`, `template`… */
                kind: string;
                /** @description What the name begins with; large and small letters are alike. */
                prefix?: string;
                /** @description Of which event, for properties; of any if absent. */
                event?: string;
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
                    "application/json": components["schemas"]["CompletedNames"];
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
            query?: {
                /** @description Those that ended with this code: `gave-up-transient`, `configuration`, `expired`… */
                code?: string;
                /** @description Go on here: `next` of the page before. */
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
                    "application/json": components["schemas"]["DeadLetterList"];
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
                    "application/json": components["schemas"]["DeadLettersDropped"];
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
                    "application/json": components["schemas"]["DeadLettersReplayed"];
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
                    "application/json": components["schemas"]["Definitions"];
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
                "application/json": components["schemas"]["DefinitionsWanted"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionsPlan"];
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
                "application/json": components["schemas"]["DefinitionsWanted"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionsPlan"];
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
                "application/json": components["schemas"]["DefinitionsWanted"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionsPlan"];
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
                    "application/json": components["schemas"]["DefinitionRevisions"];
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
                    "application/json": components["schemas"]["DestinationList"];
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
                    "application/json": components["schemas"]["SnapshotMade"];
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
    "get /v1/devices/refused": {
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
                    "application/json": components["schemas"]["RefusedDeviceList"];
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
    "post /v1/devices/refused/{keeper}/{to}": {
        parameters: {
            query?: {
                /** @description only what was refused since then */
                since?: string;
            };
            header?: never;
            path: {
                /** @description service and app, as the list has them */
                keeper: string;
                /** @description `undo` or `confirm` */
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
                    "application/json": components["schemas"]["RefusedDevicesDecided"];
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
                    "application/json": components["schemas"]["Erasures"];
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
            query?: {
                /** @description The events belong to the past: they count, and never start or send anything. */
                historical?: boolean;
                /** @description Answer when everything that they cause is applied, not only when they are durable. */
                applied?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description one event, an array, or NDJSON; or CloudEvents */
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
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
            query?: {
                /** @description Of a request only this one of its events: `evt_…`. */
                event?: string;
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
                    "application/json": components["schemas"]["Explained"];
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
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description the good ones are durable, the others listed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentBatch"];
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
                    "application/json": components["schemas"]["KeyList"];
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
                    "application/json": components["schemas"]["KeyMade"];
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
                    "application/json": components["schemas"]["ListList"];
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
                    "application/json": components["schemas"]["List"];
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
            query?: {
                /** @description The name of an upload in several requests; each request is an upload of its own if absent. */
                upload?: string;
                /**
                 * @description As of when the source knew this (RFC 3339): of two uploads the later one holds. Now if
                 *     absent; the same for all requests of one upload.
                 */
                as_of?: string;
                /** @description The number of the first row within the upload: of two rows for one name the later one holds. */
                from?: number;
                /** @description When rows expire that do not say it: `30d`, or an RFC 3339 time. */
                expires?: string;
                /** @description All rows are taken off the list. */
                remove?: boolean;
                /** @description Where the rows come from; the key's name if absent. */
                source?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description rows as NDJSON, CSV, or a JSON array */
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
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
            query?: {
                /** @description The name of an upload in several requests; each request is an upload of its own if absent. */
                upload?: string;
                /**
                 * @description As of when the source knew this (RFC 3339): of two uploads the later one holds. Now if
                 *     absent; the same for all requests of one upload.
                 */
                as_of?: string;
                /** @description The number of the first row within the upload: of two rows for one name the later one holds. */
                from?: number;
                /** @description When rows expire that do not say it: `30d`, or an RFC 3339 time. */
                expires?: string;
                /** @description All rows are taken off the list. */
                remove?: boolean;
                /** @description Where the rows come from; the key's name if absent. */
                source?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description rows as NDJSON, CSV, or a JSON array */
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
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
                    "application/json": components["schemas"]["DependentList"];
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
            query?: {
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description At most so many. */
                limit?: number;
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
                    "application/json": components["schemas"]["ListMembers"];
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
            query?: {
                /** @description The name of an upload in several requests; each request is an upload of its own if absent. */
                upload?: string;
                /**
                 * @description As of when the source knew this (RFC 3339): of two uploads the later one holds. Now if
                 *     absent; the same for all requests of one upload.
                 */
                as_of?: string;
                /** @description The number of the first row within the upload: of two rows for one name the later one holds. */
                from?: number;
                /** @description When rows expire that do not say it: `30d`, or an RFC 3339 time. */
                expires?: string;
                /** @description All rows are taken off the list. */
                remove?: boolean;
                /** @description Where the rows come from; the key's name if absent. */
                source?: string;
            };
            header?: never;
            path: {
                name: string;
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
                    "application/json": components["schemas"]["SharedProfile"];
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
    "get /v1/lookup/live": {
        parameters: {
            query?: {
                /**
                 * @description A browser token: `EventSource` sends no headers. Where they can be sent, leave it out and
                 *     send `Authorization: Bearer …`.
                 */
                token?: string;
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
                    "application/json": components["schemas"]["MemberList"];
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
                    "application/json": components["schemas"]["MemberInvited"];
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
                    "application/json": components["schemas"]["Member"];
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
                    "application/json": components["schemas"]["MemberInvited"];
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
                    "application/json": components["schemas"]["FeedPosition"];
                };
            };
        };
    };
    "get /v1/messages": {
        parameters: {
            query?: {
                /** @description Only of this person: `namespace:value`, or a name in any namespace that is known. */
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
                    "application/json": components["schemas"]["Message"];
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
    "get /v1/offers/{placement}": {
        parameters: {
            query: {
                /** @description Any alias of the profile: `user_id:42`, `email:ana@example.com`. */
                alias: string;
            };
            header?: never;
            path: {
                placement: string;
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
                    "application/json": components["schemas"]["OfferShown"];
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
                /** @description What somebody typed: a name or its beginning, or a rule where nobody has such a name. */
                q?: string;
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
                    "application/json": components["schemas"]["Profile"];
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
            query?: {
                /** @description Take the last bytes out of log and store before this is answered; otherwise within a day. */
                sweep?: boolean;
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
                    "application/json": components["schemas"]["Erasure"];
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
                    "application/json": components["schemas"]["WhyCampaign"];
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
            query?: {
                /** @description What was in force then (RFC 3339); now if absent. */
                at?: string;
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
                    "application/json": components["schemas"]["Consents"];
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
                    "application/json": components["schemas"]["DeviceList"];
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
                "application/json": Record<string, unknown>;
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
                "application/json": Record<string, unknown>;
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
                    "application/json": components["schemas"]["ProfileExport"];
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
            query?: {
                /** @description What would happen if an event named this one too: `user_id:7`. */
                with?: string;
                /**
                 * @description What would be whose if a profile that became a part of this one were taken out again: one of
                 *     its names, or its id (`id:pro_…`).
                 */
                without?: string;
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
                    "application/json": components["schemas"]["ProfileIdentity"];
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
                    "application/json": components["schemas"]["WhyJourney"];
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
                    "application/json": components["schemas"]["WhySegment"];
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
                    "application/json": components["schemas"]["WhyTemplate"];
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
    "get /v1/projects/{key}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a key with the scope `write` */
                key: string;
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
                    "application/json": components["schemas"]["SegmentSettings"];
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
            query?: {
                /** @description Its name; the first with `web` if absent. */
                provider?: string;
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
                    "application/json": components["schemas"]["PushKey"];
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
            query?: {
                /** @description Events of this name. */
                event?: string;
                /** @description Events with such a fault: `wrong-type`, `missing`, `unknown`, `ambiguous`. */
                reason?: string;
                /** @description Go on here: `next` of the page before. */
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
                    "application/json": components["schemas"]["QuarantineList"];
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
                    "application/json": components["schemas"]["QuarantineDropped"];
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
                    "application/json": components["schemas"]["QuarantineReplayed"];
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
                    "application/json": components["schemas"]["QuarantinedEvent"];
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
                    "application/json": components["schemas"]["Queues"];
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
                    "application/json": components["schemas"]["SchemaList"];
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
                    "application/json": components["schemas"]["SchemaShown"];
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
                    "application/json": components["schemas"]["SchemaShown"];
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
                    "application/json": components["schemas"]["SegmentList"];
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
                    "application/json": components["schemas"]["SegmentEstimate"];
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
                    "application/json": components["schemas"]["Segment"];
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
                    "application/json": components["schemas"]["DependentList"];
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
            query?: {
                /** @description The namespace; `user_id` if absent. */
                by?: string;
                /**
                 * @description Only those of whom others may be told: of a segment that is shared, who allow the uses that
                 *     `sharing` names. A key with the scope `lookup` reads these.
                 */
                shared?: boolean;
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description At most so many: 1,000 if absent, 10,000 at most. */
                limit?: number;
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
                    "application/json": components["schemas"]["SegmentMembers"];
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
            query?: {
                /**
                 * @description Addresses from which mail would leave, with commas between them; those of the configuration
                 *     if absent. What is found for other addresses is answered, and counts for nothing.
                 */
                ip?: string;
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
                    "application/json": components["schemas"]["SendingState"];
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
                    "application/json": components["schemas"]["Session"];
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
                    "application/json": components["schemas"]["Session"];
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
                    "application/json": components["schemas"]["Session"];
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
                    "application/json": components["schemas"]["Session"];
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
                    "application/json": components["schemas"]["SourceList"];
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
                    "application/json": components["schemas"]["Source"];
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
                    "application/json": components["schemas"]["SourceFileList"];
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
            query?: {
                /** @description A file that is to be taken again although it was taken, or failed. */
                again?: string;
            };
            header?: never;
            path: {
                name: string;
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
            query?: {
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description At most so many. */
                limit?: number;
                /** @description Only those for this reason: `hard-bounce`, `complaint`, `soft-bounces`, `manual`… */
                reason?: string;
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
                    "application/json": components["schemas"]["SuppressionList"];
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
                    "application/json": components["schemas"]["SuppressionsHeld"];
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
                    "application/json": components["schemas"]["SuppressionsReleased"];
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
                    "application/json": components["schemas"]["SuppressionImported"];
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
                    "application/json": components["schemas"]["UsedVariables"];
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
                /** @description identify, track, page, screen, group or alias, or its first letter; b is a batch */
                call: string;
            };
            cookie?: never;
        };
        /** @description one Segment call */
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentCalled"];
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
}
