// Only a power cut shows whether a file has reached the disk, and no unit test makes one. Waiting for the disk would take most
// of their time: an instance's records are written by the hundreds.
const fs = require("node:fs");

fs.fsyncSync = () => {};
