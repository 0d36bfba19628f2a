export const id = 408;
export const ids = [408];
export const modules = {

/***/ 7408:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  askMembers: () => (/* binding */ askMembers),
  makeDecoder: () => (/* reexport */ makeDecoder)
});

// EXTERNAL MODULE: ./src/exchange/exchange.ts + 16 modules
var exchange = __webpack_require__(1954);
// EXTERNAL MODULE: ../../node_modules/@connectrpc/connect-node/dist/esm/grpc-transport.js + 38 modules
var grpc_transport = __webpack_require__(3607);
// EXTERNAL MODULE: ./src/shared/own-headers.ts
var own_headers = __webpack_require__(9841);
// EXTERNAL MODULE: ../../node_modules/@connectrpc/connect/dist/esm/code.js
var code = __webpack_require__(6873);
// EXTERNAL MODULE: ../../node_modules/@connectrpc/connect/dist/esm/connect-error.js + 1 modules
var connect_error = __webpack_require__(705);
;// CONCATENATED MODULE: ./src/membership/refusal.ts

/** The longest text of a peer that is kept, in UTF-16 units. */
const MAX_TEXT = 1_000;
/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md, by number. */
const GRPC_STATUSES = 'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'.split(' ');
/** An answer that gRPC does not allow; the detail says why. */
const notGrpc = (detail) => new exchange/* AnswerError */.dV('protocol', `what came back is not an answer of gRPC (${detail})`);
/**
 * Says how a peer refused a call, or null where it did not: an HTTP status other than 200 is `http-error` or `redirect`; a
 * gRPC status other than OK is `unhealthy` if it is UNAVAILABLE, with which a node says that it cannot answer now, and
 * otherwise `http-error`, as the same refusal over HTTP would be.
 */
function explainRefusal({ head, trailers }) {
    const http = Number(head?.[':status'] ?? 200);
    if (http >= 300 && http < 400) {
        const target = (0,exchange/* describeTarget */.ff)(head?.['location']?.toString());
        return new exchange/* AnswerError */.dV('redirect', `HTTP ${http} redirects ${target}; redirects are not followed`);
    }
    const refusal = [trailers, head].find((block) => (block?.['grpc-status'] ?? '0') !== '0');
    const status = textOf(refusal?.['grpc-status']);
    const name = /^(0|[1-9]\d?)$/.test(status) ? GRPC_STATUSES[Number(status)] : undefined;
    const message = decodeMessage(textOf(refusal?.['grpc-message']));
    const said = `gRPC status ${status} ${name}${message && `: ${message}`}`;
    if (http !== 200) {
        return new exchange/* AnswerError */.dV('http-error', `HTTP ${http}, expected 200${name === undefined ? '' : ` (${said})`}`);
    }
    if (refusal === undefined)
        return null;
    if (name === undefined)
        return notGrpc(`the gRPC status is "${status}"`);
    return new exchange/* AnswerError */.dV(name === 'UNAVAILABLE' ? 'unhealthy' : 'http-error', said);
}
const textOf = (field) => field?.toString().slice(0, MAX_TEXT) ?? '';
/** Percent-encoded UTF-8; a text that is not is shown as it came (gRPC over HTTP2, Responses). */
function decodeMessage(message) {
    try {
        return decodeURIComponent(message);
    }
    catch {
        return message;
    }
}

;// CONCATENATED MODULE: ./src/membership/call-failure.ts



const NOT_HTTP2 = 'what answered does not speak plaintext HTTP/2: is this the Raft port?';
/** What a server of TLS, and many another, does with a call. */
const SILENT = 'not a byte came back: is this the Raft port?';
/** RFC 9113, 7, by number. */
const H2_CODES = 'NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED'.split(' ');
/** What a stream is reset with where this side found the fault, or the peer says that this side made one. */
const VIOLATIONS = new Set([
    'PROTOCOL_ERROR',
    'FLOW_CONTROL_ERROR',
    'FRAME_SIZE_ERROR',
    'COMPRESSION_ERROR',
    'ENHANCE_YOUR_CALM',
]);
/**
 * Says what ended a call: an {@link AnswerError}, or the error itself where it is one of the system. What the peer said
 * comes first (`explainRefusal`), then how the connection ended (`disconnected`), and last what is wrong with HTTP/2 or
 * gRPC (`protocol`), with the message (`malformed`), or with its size (`too-large`).
 *
 * @param error null where the connection or the stream just ended
 */
function explainCall(error, seen) {
    return explainRefusal(seen) ?? explainEnd(error, seen);
}
/** What is wrong with a reply that the library takes for good, or null. */
function explainReply(seen, flags) {
    const refusal = explainRefusal(seen);
    if (refusal !== null)
        return refusal;
    // An empty `grpc-status-details-bin` hides a bad status from the library, and it minds no flag but the first.
    if (seen.trailers?.['grpc-status'] !== '0')
        return notGrpc('the gRPC status is missing');
    return flags === 0 ? null : notGrpc(`the message has the flags ${flags}, expected none`);
}
function explainEnd(error, seen) {
    if (error instanceof exchange/* AnswerError */.dV)
        return error;
    const codes = chain(error).flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
    const ofHttp2 = codes.find((code) => code.startsWith('ERR_HTTP2_'));
    if (ofHttp2 === undefined && codes.some((code) => /^E[A-Z]+$/.test(code)))
        return error;
    if (seen.goaway !== undefined) {
        const { code, data } = seen.goaway;
        return lost(`GOAWAY ${H2_CODES[code] ?? code}${data && `: ${data.slice(0, MAX_TEXT)}`}`);
    }
    if (ofHttp2 !== undefined && ofHttp2 !== 'ERR_HTTP2_STREAM_ERROR') {
        if (!seen.settings)
            return new exchange/* AnswerError */.dV('protocol', NOT_HTTP2);
        return new exchange/* AnswerError */.dV('protocol', `what came back breaks HTTP/2 (${innermost(error)})`);
    }
    if (error === null || ofHttp2 !== undefined || codeOf(error) === code/* Code */.C.Canceled) {
        return explainReset(seen);
    }
    const words = error instanceof connect_error/* ConnectError */.T ? error.rawMessage : String(error);
    if (words.startsWith('parse binary'))
        return undecodable(words);
    if (codeOf(error) === code/* Code */.C.ResourceExhausted)
        return new exchange/* AnswerError */.dV('too-large', words);
    return notGrpc(words);
}
function explainReset({ socket, settings, head, answered, stream }) {
    if (socket.destroyed) {
        if (settings || head !== undefined)
            return lost('');
        return answered() ? new exchange/* AnswerError */.dV('protocol', NOT_HTTP2) : lost(SILENT);
    }
    const code = H2_CODES[stream?.rstCode ?? 0] ?? `${stream?.rstCode}`;
    if (!VIOLATIONS.has(code))
        return lost(`RST_STREAM ${code}`);
    return new exchange/* AnswerError */.dV('protocol', `what came back breaks HTTP/2 (${code})`);
}
/** An answer that is not the message that was asked for. */
const undecodable = (detail) => new exchange/* AnswerError */.dV('malformed', `the answer cannot be decoded (${detail})`);
const lost = (detail) => new exchange/* AnswerError */.dV('disconnected', detail === '' ? exchange/* CUT */.T6 : `${exchange/* CUT */.T6} (${detail})`);
const codeOf = (error) => (error instanceof connect_error/* ConnectError */.T ? error.code : undefined);
/** An error and its causes. */
function chain(error) {
    return error instanceof Error ? [error, ...chain(error.cause)] : [];
}
const innermost = (error) => chain(error).at(-1)?.message ?? String(error);

// EXTERNAL MODULE: ../../node_modules/@bufbuild/protobuf/dist/esm/codegenv2/file.js + 6 modules
var file = __webpack_require__(8210);
// EXTERNAL MODULE: ../../node_modules/@bufbuild/protobuf/dist/esm/codegenv2/message.js
var message = __webpack_require__(7860);
// EXTERNAL MODULE: ../../node_modules/@bufbuild/protobuf/dist/esm/codegenv2/service.js
var service = __webpack_require__(2128);
;// CONCATENATED MODULE: ./src/membership/raft-admin_pb.ts
// What the gate asks of a node's Raft listener: a part of elastickv's RaftAdmin service.

/**
 * Describes the file raft-admin.proto.
 */
const file_raft_admin = /*@__PURE__*/ (0,file/* fileDesc */.w)("ChByYWZ0LWFkbWluLnByb3RvIhYKFENvbmZpZ3VyYXRpb25SZXF1ZXN0IjEKFUNvbmZpZ3VyYXRpb25SZXNwb25zZRIYCgdzZXJ2ZXJzGAEgAygLMgcuTWVtYmVyIjcKBk1lbWJlchIKCgJpZBgBIAEoCRIPCgdhZGRyZXNzGAIgASgJEhAKCHN1ZmZyYWdlGAMgASgJMksKCVJhZnRBZG1pbhI+Cg1Db25maWd1cmF0aW9uEhUuQ29uZmlndXJhdGlvblJlcXVlc3QaFi5Db25maWd1cmF0aW9uUmVzcG9uc2ViBnByb3RvMw");
/**
 * Describes the message ConfigurationRequest.
 * Use `create(ConfigurationRequestSchema)` to create a new message.
 */
const ConfigurationRequestSchema = /*@__PURE__*/ (0,message/* messageDesc */.Z)(file_raft_admin, 0);
/**
 * Describes the message ConfigurationResponse.
 * Use `create(ConfigurationResponseSchema)` to create a new message.
 */
const ConfigurationResponseSchema = /*@__PURE__*/ (0,message/* messageDesc */.Z)(file_raft_admin, 1);
/**
 * Describes the message Member.
 * Use `create(MemberSchema)` to create a new message.
 */
const MemberSchema = /*@__PURE__*/ (/* unused pure expression or super */ null && (messageDesc(file_raft_admin, 2)));
/**
 * @generated from service RaftAdmin
 */
const RaftAdmin = /*@__PURE__*/ (0,service/* serviceDesc */.Z)(file_raft_admin, 0);

// EXTERNAL MODULE: external "node:async_hooks"
var external_node_async_hooks_ = __webpack_require__(6698);
// EXTERNAL MODULE: external "node:http2"
var external_node_http2_ = __webpack_require__(2467);
;// CONCATENATED MODULE: ./src/membership/session.ts


/** The inner sides of sessions that may not be collected yet, and that of the session that is being made. */
const kept = new Set();
let made = null;
const watch = (0,external_node_async_hooks_.createHook)({
    init(_, type, __, resource) {
        if (type === 'HTTP2SESSION')
            made = resource;
    },
});
/**
 * Starts HTTP/2 over a socket that is connected.
 *
 * Node.js aborts the whole process if garbage is collected between the end of a session and the next turn of the event
 * loop, and the peer had sent half a head (an assertion in ~Http2Session: the stream, which is freed in that turn, still
 * counts its fields to the memory of the session). So what Node.js holds of a session is kept until then.
 */
function openSession(origin, socket) {
    watch.enable();
    const session = (0,external_node_http2_.connect)(origin, {
        createConnection: () => socket,
        settings: { enablePush: false },
    });
    watch.disable();
    const inner = made;
    made = null;
    if (inner === null)
        return session;
    kept.add(inner);
    session.once('close', () => setImmediate(() => setImmediate(() => kept.delete(inner))));
    return session;
}
/** Tells of each chunk that is read from a stream: connect gives messages decoded only, and equal ones are decoded once. */
function keepChunks(stream, keep) {
    const iterate = stream[Symbol.asyncIterator].bind(stream);
    stream[Symbol.asyncIterator] = async function* () {
        for await (const chunk of iterate()) {
            keep(chunk);
            yield chunk;
        }
    };
}

;// CONCATENATED MODULE: ./src/membership/call.ts






/** The most that an answer may hold, in bytes. */
const MAX_MESSAGE_BYTES = 1_048_576;
/**
 * The most that HTTP/2 may take on the wire besides the message, in bytes; flow control lets 64 KiB of the message wait
 * in it. Frames of one byte, or of kinds that nobody knows, would keep the gate busy until the deadline.
 */
const MAX_FRAMING_BYTES = 262_144;
/** The most pieces of a message; connect counts all that it has with each one that comes. */
const MAX_PIECES = 4_096;
const WATCH_EVERY_MS = 50;
/** What gRPC puts before a message: a flag for compression, and the length. */
const PREFIX_BYTES = 5;
/** The call, its answer walked through but not decoded: a message without fields takes any. */
const METHOD = { ...RaftAdmin.method.configuration, output: ConfigurationRequestSchema };
/**
 * Calls `/RaftAdmin/Configuration` over a socket that is ready, in plaintext HTTP/2. Whoever ends the call destroys the
 * socket, and with it all that the call holds. Returns what makes an error of the socket an error in the words of the call.
 */
function callConfiguration(socket, { origin }, listener) {
    const bytesBefore = socket.bytesRead;
    const chunks = [];
    let size = 0;
    const seen = { socket, answered: () => socket.bytesRead > bytesBefore };
    const explain = (error) => explainCall(error, seen);
    const failed = (error) => listener.failed(explain(error));
    // After what connect has to say, which may be more than that it is over.
    const over = () => setImmediate(failed, null);
    const session = openSession(origin, socket);
    session.on('remoteSettings', () => {
        seen.settings = true;
    });
    session.on('goaway', (code, _, data) => {
        seen.goaway = { code, data: data?.toString('latin1') ?? '' };
    });
    session.on('error', failed);
    // A connection that ends before the answer, and a reset with NO_ERROR, are nothing to connect.
    session.on('close', over);
    const limit = () => {
        const framing = socket.bytesRead - bytesBefore - size;
        if (framing <= MAX_FRAMING_BYTES && chunks.length <= MAX_PIECES)
            return;
        const most = chunks.length > MAX_PIECES ? `${MAX_PIECES} pieces` : `${MAX_FRAMING_BYTES} bytes`;
        failed(new exchange/* AnswerError */.dV('protocol', `after ${most} the answer was not complete`));
    };
    // Frames that node:http2 tells nobody of are cheap. The others are counted as they come: megabytes of them in one turn
    // of the event loop would take seconds.
    session.on('origin', limit).on('altsvc', limit);
    const watch = setInterval(limit, WATCH_EVERY_MS);
    socket.once('close', () => clearInterval(watch));
    const request = async (method, path, headers) => {
        const stream = session.request({ ...headers, ':method': method, ':path': path });
        seen.stream = stream;
        stream.once('close', over);
        stream.on('headers', limit);
        stream.on('response', (head) => {
            seen.head = head;
            listener.reading();
        });
        stream.on('trailers', (trailers) => {
            seen.trailers = trailers;
        });
        keepChunks(stream, (chunk) => {
            chunks.push(chunk);
            size += chunk.length;
            limit();
        });
        return stream;
    };
    const transport = (0,grpc_transport/* createGrpcTransport */.A)({
        baseUrl: origin,
        sessionManager: { authority: origin, request, notifyResponseByteRead: () => undefined },
        readMaxBytes: MAX_MESSAGE_BYTES,
        acceptCompression: [],
        binaryOptions: { readUnknownFields: false },
    });
    const headers = { 'user-agent': own_headers/* OWN_HEADERS */.U['user-agent'] ?? '' };
    transport.unary(METHOD, undefined, undefined, headers, {}).then(() => {
        const wrong = explainReply(seen, chunks[0]?.[0] ?? 0);
        if (wrong === null)
            listener.answered(Buffer.concat(chunks).subarray(PREFIX_BYTES));
        else
            listener.failed(wrong);
    }, failed);
    return explain;
}

// EXTERNAL MODULE: ../../node_modules/@bufbuild/protobuf/dist/esm/from-binary.js
var from_binary = __webpack_require__(3095);
// EXTERNAL MODULE: ../../node_modules/@bufbuild/protobuf/dist/esm/wire/binary-encoding.js
var binary_encoding = __webpack_require__(8902);
;// CONCATENATED MODULE: ./src/membership/decoder.ts





/** The most members that an answer may hold. */
const MAX_MEMBERS = 10_000;
/** How many bytes of answers are remembered together with what they mean. */
const MAX_REMEMBERED_BYTES = 16_777_216;
/**
 * Makes a {@link Decode} that decodes equal answers once and gives the same list for them: the nodes of a cluster agree
 * nearly always, and decoding costs more than all else of a call. It remembers up to 16 MiB of answers.
 *
 * An answer is `too-large` with more than 10,000 members, `malformed` where it is not the message that was asked for
 * or a member has no id, and `unhealthy` without any member: a node that has not joined a cluster answers OK and
 * knows nobody, not even itself. Any suffrage is kept as it is.
 */
function makeDecoder() {
    const remembered = new Map();
    let bytes = 0;
    return (message) => {
        const key = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('latin1');
        const known = remembered.get(key);
        if (known !== undefined)
            return known;
        const members = decodeMembers(message);
        if (bytes + key.length > MAX_REMEMBERED_BYTES) {
            remembered.clear();
            bytes = 0;
        }
        remembered.set(key, members);
        bytes += key.length;
        return members;
    };
}
function decodeMembers(message) {
    const members = read(message);
    if (members.length === 0) {
        throw new exchange/* AnswerError */.dV('unhealthy', 'it knows no members: it has not joined a cluster');
    }
    const nameless = members.findIndex(({ id }) => id === '');
    if (nameless >= 0) {
        throw new exchange/* AnswerError */.dV('malformed', `member ${nameless + 1} of ${members.length} has no id`);
    }
    return members;
}
function read(message) {
    try {
        const count = countMembers(message);
        if (count > MAX_MEMBERS) {
            throw new exchange/* AnswerError */.dV('too-large', `it knows ${count} members, at most ${MAX_MEMBERS} are read`);
        }
        const { servers } = (0,from_binary/* fromBinary */.Er)(ConfigurationResponseSchema, message, {
            readUnknownFields: false,
        });
        return servers.map(({ id, address, suffrage }) => ({ id, address, suffrage }));
    }
    catch (error) {
        if (error instanceof exchange/* AnswerError */.dV)
            throw error;
        throw undecodable(error);
    }
}
/** Counts without decoding: an empty member takes two bytes on the wire and a hundred in memory. */
function countMembers(message) {
    const reader = new binary_encoding/* BinaryReader */.V5(message);
    let count = 0;
    while (reader.pos < reader.len) {
        const [field, type] = reader.tag();
        if (field === ConfigurationResponseSchema.field.servers.number)
            count++;
        reader.skip(type, field);
    }
    return count;
}

;// CONCATENATED MODULE: ./src/membership/question.ts
/** Loaded only where membership is asked for: the library of gRPC takes longer to load than all else. */



/**
 * Asks one Raft listener once for the members that it knows: the unary gRPC call `/RaftAdmin/Configuration`, in
 * plaintext HTTP/2, over a connection of its own, never through a proxy. The clock starts with the call and runs until
 * the answer is complete and decoded. Never tries again.
 *
 * An answer has at least one member and at most 10,000, each with an id, in at most 1 MiB. All else is a failure with the
 * reasons and words of an exchange; see `explainCall` and `makeDecoder` for those of its own.
 *
 * @param raftAddress `host:port`, with brackets around IPv6
 */
function askMembers(raftAddress, { timeoutMs, onLateError, network, decode }) {
    return (0,exchange/* startAttempt */.iY)({ timeoutMs, onLateError }, (progress) => {
        const url = new URL(`http://${raftAddress}`);
        let explain = (error) => error;
        (0,exchange/* openConnection */.JY)(url, { kind: 'direct' }, network, {
            ...progress,
            failed: (error) => progress.broke(explain(error)),
            ready(socket) {
                progress.phase('response headers');
                explain = callConfiguration(socket, url, {
                    reading: () => progress.phase('body'),
                    answered(message) {
                        try {
                            progress.answered(decode(message));
                        }
                        catch (error) {
                            progress.failed(error);
                        }
                    },
                    failed: progress.failed,
                });
            },
        });
    });
}


/***/ })

};
