// Package jupyter speaks the Jupyter wire protocol, version 5.4: connection
// files, signed multipart messages, the typed contents of each message family,
// and the five channels that a kernel serves.
//
// The channels are ZeroMQ sockets. github.com/go-zeromq/zmq4 performs the
// handshake and the framing of each connection; the sockets themselves
// (routing, subscriptions, queues) are this package's, because a kernel needs
// what zmq4's own sockets lack at v0.17.0: limits on what a stranger can make
// it allocate, a handshake that cannot hold up other peers or crash the
// process, a PUB queue with a bound, and a way to know that a last message has
// left before the process ends.
package jupyter
