import diagnostics_channel from "node-lib:diagnostics_channel";

export default diagnostics_channel;
