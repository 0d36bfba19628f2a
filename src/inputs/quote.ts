import { showText } from '../shared/text.ts'

/** The longest piece of an input that a problem quotes: an annotation then has room for the whole sentence, and cuts none. */
const MAX_QUOTED = 60

/** What a problem or a warning shows of a piece of an input, in quotation marks. */
export const quote = (text: string): string => `"${showText(text, MAX_QUOTED)}"`
