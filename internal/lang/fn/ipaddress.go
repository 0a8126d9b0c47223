package fn

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// parseIP reads an address; IPv4 in IPv6 is IPv4, and zones are left out.
func parseIP(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return a, badCast("cannot cast value to IPADDRESS: %s", shorten(s))
	}
	return a.WithZone("").Unmap(), nil
}

// IPText is CAST(varchar AS ipaddress) in its canonical text.
func IPText(s string) (string, error) {
	a, err := parseIP(s)
	if err != nil {
		return "", err
	}
	return ipText(a), nil
}

func ipText(a netip.Addr) string { return a.Unmap().String() }

// IPFromBytes is CAST(varbinary AS ipaddress).
func IPFromBytes(b []byte) (string, error) {
	if len(b) != 4 && len(b) != 16 {
		return "", badCast("invalid IP address binary length: %d", len(b))
	}
	a, _ := netip.AddrFromSlice(b)
	return ipText(a), nil
}

// IPBytes is CAST(ipaddress AS varbinary), 16 bytes whose order is that of addresses.
func IPBytes(s string) ([]byte, error) {
	a, err := parseIP(s)
	if err != nil {
		return nil, err
	}
	b := a.As16()
	return b[:], nil
}

// parseCIDR reads network/length; the address must have no bits beyond it.
func parseCIDR(s string) (netip.Prefix, error) {
	addr, size, ok := strings.Cut(s, "/")
	if !ok {
		return netip.Prefix{}, invalid("invalid CIDR: %s", shorten(s))
	}
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return netip.Prefix{}, invalid("invalid network IP address: %s", shorten(s))
	}
	n, err := strconv.ParseUint(size, 10, 8)
	if err != nil {
		return netip.Prefix{}, invalid("invalid prefix length: %s", shorten(s))
	}
	p, err := a.WithZone("").Prefix(int(min(n, math.MaxUint8)))
	if err != nil || p.Addr() != a.WithZone("") {
		return netip.Prefix{}, invalid("invalid CIDR: %s", shorten(s))
	}
	return p, nil
}

// IPContains is contains(network, address). The network ::/0 holds IPv4 too.
func IPContains(network, address string) (bool, error) {
	p, err := parseCIDR(network)
	if err != nil {
		return false, err
	}
	a, err := parseIP(address)
	if err != nil {
		return false, err
	}
	if p.Addr().Is6() && a.Is4() {
		a = netip.AddrFrom16(a.As16())
	}
	return p.Addr().Is4() == a.Is4() && containsBits(p, a), nil
}

// containsBits compares bits alone; Prefix.Contains refuses IPv4 in IPv6.
func containsBits(p netip.Prefix, a netip.Addr) bool {
	q, err := netip.PrefixFrom(a, p.Bits()), error(nil)
	return err == nil && q.Masked().Addr() == p.Masked().Addr()
}

// IPPrefix is ip_prefix: the network of an address, as address/length.
func IPPrefix(address string, size int64) (string, error) {
	a, err := parseIP(address)
	if err != nil {
		return "", err
	}
	if size < 0 || size > int64(a.BitLen()) {
		return "", invalid("subnet size must be in range [0, %d]", a.BitLen())
	}
	return netip.PrefixFrom(a, int(size)).Masked().String(), nil
}

func subnet(s string) (lo, hi netip.Addr, err error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return lo, hi, badCast("cannot cast value to IPPREFIX: %s", shorten(s))
	}
	p = p.Masked()
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	hi, _ = netip.AddrFromSlice(b)
	return p.Addr(), hi, nil
}

// IPSubnetRange is ip_subnet_range: the first and the last address.
func IPSubnetRange(prefix string) ([]string, error) {
	lo, hi, err := subnet(prefix)
	if err != nil {
		return nil, err
	}
	return []string{ipText(lo), ipText(hi)}, nil
}

func ipDefs() []Def {
	end := func(i int) func(string) (string, error) {
		return func(prefix string) (string, error) {
			r, err := IPSubnetRange(prefix)
			if err != nil {
				return "", err
			}
			return r[i], nil
		}
	}
	return []Def{
		def1("mg_ip_text", IPText),
		def1("mg_ip_from_bytes", IPFromBytes),
		def1("mg_ip_bytes", IPBytes),
		def2("mg_ip_contains", IPContains),
		def2("mg_ip_prefix", IPPrefix),
		def1("mg_ip_subnet_min", end(0)),
		def1("mg_ip_subnet_max", end(1)),
		def1("mg_ip_subnet_range", IPSubnetRange),
	}
}
