package sample

import (
	"fmt"
	"strconv"
	"strings"
)

// good is a product of the convenience store.
type good struct {
	code, name               string
	divisionCode, division   string
	mainCode, main           string
	subCode, sub             string
	own                      bool // the store's own brand
	price                    int64
	weight                   uint64 // how well it sells
	adult, fresh, returnable bool
}

// goods are all products, in the order of storeData. They depend on nothing:
// every seed sells the same ones.
func goods() []good {
	var out []good
	var g good
	divisions, mains, subs := 0, 0, 0
	for _, line := range strings.Split(strings.TrimSpace(storeData), "\n") {
		if name, ok := strings.CutPrefix(line, "#"); ok {
			divisions++
			g = good{division: name, divisionCode: fmt.Sprintf("%02d", divisions)}
			mains, subs = 0, 0
			continue
		}
		f := strings.Split(line, "|")
		main, sub, _ := strings.Cut(f[0], ":")
		if main != g.main {
			mains, subs = mains+1, 0
		}
		subs++
		g.main, g.mainCode = main, fmt.Sprintf("%s%02d", g.divisionCode, mains)
		g.sub, g.subCode = sub, fmt.Sprintf("%s%02d", g.mainCode, subs)
		g.adult, g.fresh, g.returnable = strings.Contains(f[3], "a"), strings.Contains(f[3], "f"), strings.Contains(f[3], "r")
		out = append(out, g.assortment(f)...)
	}
	return out
}

// assortment are the products of one subcategory, of which g has what they share.
func (g good) assortment(f []string) []good {
	price, _ := strconv.ParseInt(f[1], 10, 64)
	sales, _ := strconv.ParseUint(f[2], 10, 64)
	brands := []string{""}
	if strings.Contains(f[3], "p") {
		brands = append(brands, ownBrand+" ")
	}
	var out []good
	for b, brand := range brands {
		for n, name := range strings.Split(f[4], ",") {
			if b > 0 && n%3 != 0 { // the own brand has a third of what others make
				continue
			}
			for v, variant := range strings.Split(f[5], ",") {
				p := g
				p.own = b > 0
				p.name = strings.TrimSuffix(brand+name+" "+variant, " -")
				p.price = price
				if !strings.HasSuffix(g.main, "담배") {
					p.price = price * int64(100+45*v+7*(n%4)-12*b) / 1000 * 10
				}
				p.code = barcode(g.subCode, len(out)+1)
				out = append(out, p)
			}
		}
	}
	weigh(out, sales)
	return out
}

// weigh shares a subcategory's sales among its products: few sell well.
func weigh(out []good, sales uint64) {
	r := newRNG(uint64(len(out)), streamGoods, sales)
	shares := tail(len(out), len(out)/6+1)
	var sum uint64
	for i := range shares {
		shares[i] >>= 20
		sum += shares[i]
	}
	for i, at := range r.shuffled(len(out)) {
		out[at].weight = shares[i]*sales*1_000_000/sum + 1
	}
}

// barcode is an EAN-13 number of Korea (880) with its check digit.
func barcode(sub string, n int) string {
	text := fmt.Sprintf("880%s%03d", sub, n)
	sum := 0
	for i, d := range text {
		sum += int(d-'0') * (1 + i%2*2)
	}
	return text + strconv.Itoa((10-sum%10)%10)
}
