package wire

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Near returns the host and port at which a listener for TCP is found on this machine.
func (l *Listener) Near() string {
	at, err := netip.ParseAddrPort(l.address.Path)
	if err == nil && at.Addr().IsUnspecified() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String()
	}
	return l.address.Path
}

// Offered returns the addresses at which other machines may find the listener: where it
// listens everywhere, those of all interfaces of this machine. Loopback is among them only where there
// is nothing else.
func (l *Listener) Offered() ([]Address, error) {
	at, err := netip.ParseAddrPort(l.address.Path)
	if l.address.Network != "tcp" || err != nil || !at.Addr().IsUnspecified() {
		return []Address{l.address}, nil
	}
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("find this machine's addresses: %w", err)
	}
	var far, near []Address
	for _, each := range interfaces {
		n, ok := each.(*net.IPNet)
		if !ok || n.IP.IsLinkLocalUnicast() {
			continue
		}
		a := Address{"tcp", net.JoinHostPort(n.IP.String(), strconv.Itoa(int(at.Port())))}
		if n.IP.IsLoopback() {
			near = append(near, a)
		} else {
			far = append(far, a)
		}
	}
	if len(far) == 0 {
		far = near
	}
	return far, nil
}

// listenInRange listens at a host and a port, or at the first port of a range that is free. Where
// to begin is left to chance, so that those who start at once do not meet at each port.
func listenInRange(address string) (net.Listener, error) {
	host, ports, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	from, to, ranged := strings.Cut(ports, "-")
	if !ranged {
		return net.Listen("tcp", address)
	}
	first, err1 := strconv.ParseUint(from, 10, 16)
	last, err2 := strconv.ParseUint(to, 10, 16)
	if err1 != nil || err2 != nil || first == 0 || last < first {
		return nil, fmt.Errorf("%q is no range of ports; one is like 7000-7099", ports)
	}
	number := int(last-first) + 1
	begin := rand.IntN(number)
	for i := range number {
		var l net.Listener
		port := int(first) + (begin+i)%number
		if l, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port))); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no port of %s is free: %w", ports, err)
}

// nextAddress is how long an address may take before another one is tried beside it. One
// that leads nowhere answers after minutes, or never.
const nextAddress = 300 * time.Millisecond

// knockAny knocks at several addresses, one after the other and soon beside each other,
// and returns the first connection on which the knock was answered.
func knockAny(ctx context.Context, to []Address, secret Secret, local bool) (net.Conn, Address, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type outcome struct {
		c   net.Conn
		at  Address
		err error
	}
	outcomes := make(chan outcome)
	var failed []error
	next, waiting := time.NewTimer(0), 0
	defer next.Stop()
	for rest := to; len(rest) > 0 || waiting > 0; {
		select {
		case <-next.C:
			if len(rest) == 0 {
				continue
			}
			at := rest[0]
			rest = rest[1:]
			waiting++
			go func() {
				c, err := at.knock(ctx, secret, local)
				outcomes <- outcome{c, at, err}
			}()
			next.Reset(nextAddress)
		case o := <-outcomes:
			waiting--
			if o.err != nil && len(to) == 1 {
				return nil, o.at, o.err
			}
			if o.err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", o.at.Path, o.err))
				next.Reset(0)
				continue
			}
			go func() { // who comes too late hangs up
				for range waiting {
					if o := <-outcomes; o.err == nil {
						o.c.Close()
					}
				}
			}()
			return o.c, o.at, nil
		}
	}
	return nil, Address{}, fmt.Errorf("the controller answered at none of its %d addresses: %w", len(to), errors.Join(failed...))
}
