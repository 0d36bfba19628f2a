/** The version of the action, as the peers see it in `User-Agent`. A test holds it to package.json. */
export const VERSION = '1.2.0'
