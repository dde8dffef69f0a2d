/** The person who typed the command can mend it. */
export const USERS_FAULT = 1;
/** We have to. */
export const OUR_FAULT = 2;
