export const id = 72;
export const ids = [72];
export const modules = {

/***/ 7072:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openSqs: () => (/* binding */ openSqs)
});

// EXTERNAL MODULE: ./src/canary/queue.ts
var queue = __webpack_require__(3924);
// EXTERNAL MODULE: ./src/exchange/exchange.ts + 10 modules
var exchange = __webpack_require__(4297);
;// CONCATENATED MODULE: ./src/canary/sqs-answers.ts


/** The largest answer that is read, in bytes; ten messages of the canary take about 8 KiB. */
const MAX_ANSWER_BYTES = 1_048_576;
/** Reads an answer whole. Throws, and closes the connection, where it is larger than {@link MAX_ANSWER_BYTES}. */
async function collectBody(stream) {
    const chunks = [];
    let size = 0;
    for await (const chunk of stream) {
        size += chunk.length;
        // Leaving the loop destroys the stream, and with it the connection.
        if (size > MAX_ANSWER_BYTES)
            throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}
/** What is kept of the server's words, in characters. */
const MAX_WORDS = 1_000;
const MAX_CODE = 100;
/** The statuses of errors before anything was sent. */
const UNSENT = new Set(['dns', 'refused', 'unreachable', 'tls']);
/** Reads an error of the library: a refusal of the server, an answer that cannot be read, or a broken connection. */
function readFailure(error) {
    const { name, message, $metadata, $response, $fault } = (error ?? {});
    const status = $metadata?.httpStatusCode ?? $response?.statusCode;
    const httpStatus = typeof status === 'number' ? status : null;
    const text = cut(message, MAX_WORDS);
    if (httpStatus !== null && $fault !== undefined) {
        return { code: cut(name, MAX_CODE), httpStatus, words: text, fate: 'refused' };
    }
    if (httpStatus !== null && !isConnection(error)) {
        return { ...unreadable(`HTTP ${httpStatus}, and ${firstLine(text)}`), httpStatus };
    }
    if (!isConnection(error) && !isConnection(error instanceof Error && error.cause)) {
        return unreadable(`expected an answer of SQS, found something else (${firstLine(text)})`);
    }
    if (error instanceof Error)
        error.message = firstLine(error.message);
    const { status: code, error: words } = (0,exchange/* explainFailure */.SP)(error, 'response headers', false);
    return { code, httpStatus, words, fate: UNSENT.has(code) ? 'unsent' : 'unknown' };
}
/** What the library adds below is a hint for whoever writes programs. */
const firstLine = (text) => text.split('\n', 1)[0] ?? '';
/** Whether an error has a code of the system or of Node.js. */
const isConnection = (error) => error instanceof Error && 'code' in error && typeof error.code === 'string';
/** An answer that can be read, but lacks what the call is for. */
const unreadable = (words) => ({
    code: 'malformed',
    httpStatus: 200,
    words: cut(words, MAX_WORDS),
    fate: 'unknown',
});
/** What a server sends as a text may be anything. */
const cut = (text, max) => typeof text === 'string' ? text.slice(0, max).toWellFormed() : 'unknown';
/**
 * The address of a queue as a server gave it. It has to name the queue that was asked for: what is deleted in the end
 * is what this address names.
 */
function checkUrl(url, name) {
    // What a server sends as an address may be anything.
    const path = typeof url === 'string' ? URL.parse(url)?.pathname : undefined;
    if (url !== undefined && path?.split('/').at(-1) === name)
        return (0,queue.ok)(url);
    const found = url === undefined ? 'none' : `"${url}"`;
    return (0,queue/* failed */.g)(unreadable(`found ${found}, expected the address of the queue ${name}`));
}
/** A whole number as the server writes it, as text; null where it is none. */
const readCount = (value) => typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
/** A message as the library gives it, which is as the server sent it. */
function readMessage({ Body, Attributes, ReceiptHandle }) {
    const group = readText(Attributes?.MessageGroupId);
    return { body: readText(Body) ?? '', group, receipt: readText(ReceiptHandle) ?? '' };
}
const readText = (value) => (typeof value === 'string' ? value : null);
/** The tags of a queue; one that is no text counts as empty. */
const readTags = (tags) => Object.fromEntries(Object.entries(tags ?? {}).map(([key, tag]) => [key, readText(tag) ?? '']));

// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(4708);
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-sqs/dist-cjs/index.js
var dist_cjs = __webpack_require__(5355);
// EXTERNAL MODULE: ./src/shared/version.ts
var version = __webpack_require__(6714);
;// CONCATENATED MODULE: ./src/canary/sqs-client.ts







/** Signatures need some; a server without credentials does not look at them. */
const NO_CREDENTIALS = { accessKeyId: 'htfifo-canary', secretAccessKey: 'htfifo-canary' };
/** A client that is told everything that it would otherwise look for in the environment or in files. */
function makeClient(base, { region, credentials, secure, lookup }) {
    const url = new URL(base);
    const host = (0,exchange/* hostOf */.w4)(url);
    const common = { keepAlive: false, lookup };
    return new dist_cjs/* SQS */.Qy({
        endpoint: base,
        useQueueUrlAsEndpoint: false,
        region,
        credentials: credentials ?? NO_CREDENTIALS,
        maxAttempts: 1,
        useDualstackEndpoint: false,
        useFipsEndpoint: false,
        userAgentAppId: '',
        // A clock that is wrong has to show.
        disableClockSkewCorrection: true,
        authSchemePreference: [],
        defaultUserAgentProvider: async () => [['htfifo-gate', version/* VERSION */.x]],
        streamCollector: collectBody,
        requestHandler: {
            httpAgent: new external_node_http_.Agent(common),
            ...(url.protocol === 'https:' && {
                httpsAgent: new external_node_https_.Agent({
                    ...common,
                    secureContext: secure(),
                    servername: (0,external_node_net_.isIP)(host) === 0 ? host : '',
                }),
            }),
        },
    });
}

;// CONCATENATED MODULE: ./src/canary/sqs.ts



/** The most that one receive may ask for in SQS. */
const MAX_MESSAGES = 10;
/**
 * Opens the queue service of the node at this base URL, whatever host the addresses of its queues name. Takes nothing
 * from the environment, files of a profile or a metadata service; uses no proxy, and a new connection for each call.
 */
function openSqs(base, options) {
    const client = makeClient(base, options);
    /** Waits for one call, and reads its answer; one that cannot be read is a failure like any other. */
    async function call(sent, read) {
        try {
            return read(await sent);
        }
        catch (error) {
            return (0,queue/* failed */.g)(readFailure(error));
        }
    }
    const done = () => (0,queue.ok)(null);
    return {
        async find(name, abortSignal) {
            const sent = client.getQueueUrl({ QueueName: name }, { abortSignal });
            const answer = await call(sent, ({ QueueUrl }) => checkUrl(QueueUrl, name));
            return answer.kind === 'failed' && (0,queue/* saysNoQueue */.x)(answer.failure) ? (0,queue.ok)(null) : answer;
        },
        tags(url, abortSignal) {
            const sent = client.listQueueTags({ QueueUrl: url }, { abortSignal });
            return call(sent, ({ Tags }) => (0,queue.ok)(readTags(Tags)));
        },
        create({ name, partitions, tags }, abortSignal) {
            // The library's list of attribute names has none of partitions, and passes on what it does not know.
            const attributes = {
                FifoQueue: 'true',
                PartitionCount: String(partitions),
                FifoThroughputLimit: 'perMessageGroupId',
                DeduplicationScope: 'messageGroup',
            };
            const settings = { QueueName: name, Attributes: attributes, tags: { ...tags } };
            const sent = client.createQueue(settings, { abortSignal });
            return call(sent, ({ QueueUrl }) => checkUrl(QueueUrl, name));
        },
        describe(url, abortSignal) {
            const wanted = { QueueUrl: url, AttributeNames: ['All'] };
            const sent = client.getQueueAttributes(wanted, { abortSignal });
            return call(sent, ({ Attributes }) => {
                const attributes = Attributes ?? {};
                const seconds = readCount(attributes['CreatedTimestamp']);
                return (0,queue.ok)({
                    partitions: readCount(attributes['PartitionCount']),
                    createdAt: seconds === null ? null : seconds * 1_000,
                });
            });
        },
        send(url, { group, id, body }, abortSignal) {
            const message = {
                QueueUrl: url,
                MessageBody: body,
                MessageGroupId: group,
                MessageDeduplicationId: id,
            };
            return call(client.sendMessage(message, { abortSignal }), done);
        },
        receive(url, abortSignal) {
            const wanted = {
                QueueUrl: url,
                MaxNumberOfMessages: MAX_MESSAGES,
                MessageSystemAttributeNames: ['MessageGroupId'],
            };
            const sent = client.receiveMessage(wanted, { abortSignal });
            return call(sent, ({ Messages }) => (0,queue.ok)((Messages ?? []).map(readMessage)));
        },
        remove(url, { receipt: ReceiptHandle }, abortSignal) {
            return call(client.deleteMessage({ QueueUrl: url, ReceiptHandle }, { abortSignal }), done);
        },
        drop(url, abortSignal) {
            return call(client.deleteQueue({ QueueUrl: url }, { abortSignal }), done);
        },
        close: () => client.destroy(),
    };
}


/***/ })

};
