import events from "node-lib:events";

export default events;
