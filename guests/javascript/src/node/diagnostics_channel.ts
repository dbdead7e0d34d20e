import diagnostics_channel from "node-lib:diagnostics_channel";

export const {
  Channel,
  channel,
  hasSubscribers,
  subscribe,
  tracingChannel,
  unsubscribe,
} = diagnostics_channel;
export default diagnostics_channel;
