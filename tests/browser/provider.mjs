// A provider of OpenID Connect for the tests: `oidc-provider`, with its own pages. Whoever gives a login and any password is
// signed in, and is called by the login; `staff-…` is in the group staff. Started by provider.py, which says how in PROVIDER.

const { library, issuer, port, chats } = JSON.parse(process.env.PROVIDER);
const { Provider } = await import(library);

const provider = new Provider(issuer, {
  clients: chats.map((chat, number) => ({
    client_id: `tertulia-${number}`,
    client_secret: "a-secret-of-the-tests",
    redirect_uris: [`${chat}/oidc/callback`],
    post_logout_redirect_uris: [`${chat}/sign-in`],
    backchannel_logout_uri: `${chat}/oidc/logout`,
    backchannel_logout_session_required: true,
  })),
  claims: { profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
  features: { backchannelLogout: { enabled: true } },
  cookies: { keys: ["a key of the tests"] },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: id,
      email: `${id}@example.org`,
      email_verified: true,
      groups: id.startsWith("staff-") ? ["staff"] : [],
    }),
  }),
  // By itself it does not tell a chat on this very machine of a logout.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
});
provider.listen(port);
