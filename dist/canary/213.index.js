export const id = 213;
export const ids = [213];
export const modules = {

/***/ 1213:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openSqs: () => (/* binding */ openSqs)
});

// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-sqs/dist-cjs/index.js
var dist_cjs = __webpack_require__(5355);
// EXTERNAL MODULE: ./src/canary/queue.ts
var queue = __webpack_require__(3924);
;// CONCATENATED MODULE: ./src/canary/answer-body.ts
/** The largest answer that is read, in bytes; ten messages of the canary take about 8 KiB. */
const MAX_ANSWER_BYTES = 1_048_576;
/** An answer of more than {@link MAX_ANSWER_BYTES}. */
class TooLargeError extends Error {
    name = 'TooLargeError';
}
/** Reads an answer whole, and stops with a {@link TooLargeError} where it grows too large. */
async function collectBody(stream) {
    const chunks = [];
    let size = 0;
    for await (const chunk of stream) {
        size += chunk.length;
        // Leaving the loop destroys the stream, and with it the connection.
        if (size > MAX_ANSWER_BYTES)
            throw new TooLargeError(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}

;// CONCATENATED MODULE: ./src/canary/sqs-failure.ts

/** What is kept of the server's words, in characters. */
const MAX_WORDS = 1_000;
const MAX_CODE = 100;
/** The statuses of errors before anything was sent. */
const UNSENT = new Set(['dns', 'refused', 'unreachable', 'tls']);
/** Reads an error of the library: a refusal of the server, an answer that cannot be read, or a broken connection. */
function readFailure(error, explain) {
    const { $metadata, $response, $fault } = (error ?? {});
    const status = $metadata?.httpStatusCode ?? $response?.statusCode;
    const httpStatus = typeof status === 'number' ? status : null;
    const { name, message } = (error ?? {});
    if (error instanceof TooLargeError) {
        const words = `the answer is larger than ${MAX_ANSWER_BYTES} bytes`;
        return { code: 'too-large', httpStatus, words, fate: 'unknown' };
    }
    if (httpStatus !== null && $fault !== undefined) {
        return {
            code: cut(name, MAX_CODE),
            httpStatus,
            words: cut(message, MAX_WORDS),
            fate: 'refused',
        };
    }
    if (httpStatus !== null && !isConnection(error)) {
        const code = httpStatus >= 300 ? 'http-error' : 'malformed';
        const words = `HTTP ${httpStatus}, and ${firstLine(cut(message, MAX_WORDS))}`;
        return { code, httpStatus, words: cut(words, MAX_WORDS), fate: 'unknown' };
    }
    if (typeof message === 'string' && /checksum/i.test(message)) {
        const words = 'the answer has the checksum of another message than it should';
        return { code: 'malformed', httpStatus: 200, words, fate: 'unknown' };
    }
    if (error instanceof Error)
        error.message = firstLine(error.message);
    const { status: code, error: words } = explain(error);
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

;// CONCATENATED MODULE: ./src/canary/sqs-answers.ts


/**
 * The address of a queue as a server gave it. It has to name the queue that was asked for: what is deleted in the end
 * is what this address names.
 */
function checkUrl(url, name) {
    if (typeof url === 'string' &&
        URL.canParse(url) &&
        new URL(url).pathname.split('/').at(-1) === name) {
        return (0,queue.ok)(url);
    }
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
// EXTERNAL MODULE: ./src/shared/version.ts
var version = __webpack_require__(6714);
;// CONCATENATED MODULE: ./src/canary/sqs-client.ts






/** Signatures need some; a server without credentials does not look at them. */
const NO_CREDENTIALS = { accessKeyId: 'htfifo-canary', secretAccessKey: 'htfifo-canary' };
/** A client that is told everything that it would otherwise look for in the environment or in files. */
function makeClient(base, { region, credentials, secure, lookup }) {
    const { protocol, hostname } = new URL(base);
    const common = { keepAlive: false, ...(lookup === undefined ? {} : { lookup }) };
    return new dist_cjs/* SQSClient */.hW({
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
            ...(protocol === 'https:' && {
                httpsAgent: new external_node_https_.Agent({
                    ...common,
                    secureContext: secure(),
                    servername: (0,external_node_net_.isIP)(hostname.replace(/[[\]]/g, '')) ? '' : hostname.replace(/\.$/, ''),
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
    /** Makes one call. What is made of the answer may be a failure as well. */
    async function call(sent, read) {
        let output;
        try {
            output = await sent;
        }
        catch (error) {
            return (0,queue/* failed */.g)(readFailure(error, options.explain));
        }
        try {
            return read(output);
        }
        catch (error) {
            return (0,queue/* failed */.g)(unreadable(`expected an answer of SQS, found something else (${error})`));
        }
    }
    const done = () => (0,queue.ok)(null);
    return {
        async find(name, abortSignal) {
            const command = new dist_cjs/* GetQueueUrlCommand */.EX({ QueueName: name });
            const answer = await call(client.send(command, { abortSignal }), ({ QueueUrl }) => checkUrl(QueueUrl, name));
            return answer.kind === 'failed' && (0,queue/* saysNoQueue */.x)(answer.failure) ? (0,queue.ok)(null) : answer;
        },
        tags(url, abortSignal) {
            const command = new dist_cjs/* ListQueueTagsCommand */.yT({ QueueUrl: url });
            return call(client.send(command, { abortSignal }), ({ Tags }) => (0,queue.ok)(readTags(Tags)));
        },
        create({ name, partitions, tags }, abortSignal) {
            const command = new dist_cjs/* CreateQueueCommand */.N_({
                QueueName: name,
                // The library's list of attribute names has none of partitions, and passes on what it does not know.
                Attributes: {
                    FifoQueue: 'true',
                    PartitionCount: String(partitions),
                    FifoThroughputLimit: 'perMessageGroupId',
                    DeduplicationScope: 'messageGroup',
                },
                tags: { ...tags },
            });
            return call(client.send(command, { abortSignal }), ({ QueueUrl }) => checkUrl(QueueUrl, name));
        },
        describe(url, abortSignal) {
            const command = new dist_cjs/* GetQueueAttributesCommand */.Ko({ QueueUrl: url, AttributeNames: ['All'] });
            return call(client.send(command, { abortSignal }), ({ Attributes }) => {
                const attributes = Attributes ?? {};
                const seconds = readCount(attributes['CreatedTimestamp']);
                return (0,queue.ok)({
                    partitions: readCount(attributes['PartitionCount']),
                    createdAt: seconds === null ? null : seconds * 1_000,
                });
            });
        },
        send(url, { group, id, body }, abortSignal) {
            const command = new dist_cjs/* SendMessageCommand */.$m({
                QueueUrl: url,
                MessageBody: body,
                MessageGroupId: group,
                MessageDeduplicationId: id,
            });
            return call(client.send(command, { abortSignal }), done);
        },
        receive(url, abortSignal) {
            const command = new dist_cjs/* ReceiveMessageCommand */.ON({
                QueueUrl: url,
                MaxNumberOfMessages: MAX_MESSAGES,
                MessageSystemAttributeNames: ['MessageGroupId'],
            });
            return call(client.send(command, { abortSignal }), ({ Messages }) => (0,queue.ok)((Messages ?? []).map(readMessage)));
        },
        remove(url, { receipt }, abortSignal) {
            const command = new dist_cjs/* DeleteMessageCommand */.Ye({ QueueUrl: url, ReceiptHandle: receipt });
            return call(client.send(command, { abortSignal }), done);
        },
        drop(url, abortSignal) {
            const command = new dist_cjs/* DeleteQueueCommand */.cA({ QueueUrl: url });
            return call(client.send(command, { abortSignal }), done);
        },
        close: () => client.destroy(),
    };
}


/***/ })

};
