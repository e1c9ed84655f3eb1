// Names of the files in a lane's directory.

const DIGITS = 6;
const numbered = (segment: number): string => `segment-${String(segment).padStart(DIGITS, "0")}`;

export const STAGING_SUFFIX = ".staging";
export const segmentName = (segment: number): string => `${numbered(segment)}.journal`;
/** Of a segment that is being made. */
export const stagingName = (segment: number): string => `${numbered(segment)}${STAGING_SUFFIX}`;
