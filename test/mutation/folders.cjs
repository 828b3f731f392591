// What of the program is pure, and which tests are to notice a change of it: a rule's own, without those that start programs.
module.exports = {
  model: { mutate: ["lib/model/**/*.ts"], tests: "{model,openclaw/guide-config}" },
  report: { mutate: ["lib/report/**/*.ts"], tests: "{report,drift/report,check/report}" },
  core: {
    mutate: [
      "lib/core/**/{attempt,defined,environment,errors,loopback,node-range,once,plain-text,platform,poll}.ts",
      "lib/core/**/{private-address,refused,text,time,version}.ts",
    ],
    // Without `bounded`, which tries every pattern on long texts, and without what opens sockets.
    tests:
      "core/{defined,errors,node-range,plain-text,refused,repeated,text,time,version,network/{loopback,private-address},system/{environment,platform}}",
  },
  drift: {
    mutate: [
      "lib/drift/**/{baseline,field-texts,container-fields,ignore,plan-findings,render,root-cause}.ts",
      "lib/drift/probes/state.ts",
      "lib/core/compare-fields.ts",
    ],
    // Without those that change real files.
    tests: "drift/{container-fields,plan-findings,recorded-drifts,report,root-cause,state}",
  },
  check: { mutate: ["lib/check/{accepted,chat-budget,render}.ts"], tests: "check/{accepted,budget,report}" },
  backup: { mutate: ["lib/backup/**/retention.ts"], tests: "backup/retention" },
  config: { mutate: ["lib/config/**/*.ts", "!lib/config/**/docs.ts"], tests: "config" },
};
