export default {
  // has a thread of its own, which a bundle would not find
  serverExternalPackages: ["banyan", "@banyan/core", "@banyan/node"],
};
