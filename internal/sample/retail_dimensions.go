package sample

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	customerCount     = 19_383
	homelessCustomers = 178 // customers without a residence
)

// zipRow is one row of zipcode; empty text is NULL.
type zipRow struct {
	zip, province, provinceEng, city, cityEng, eup, eupEng, road, roadEng, short string
	weight                                                                       uint64
	repeated                                                                     bool // another row owns the short code
}

// zipRows reads the place list. It does not depend on the seed: places are facts.
func zipRows() []zipRow {
	var rows []zipRow
	var province []string
	roads := strings.Split(roadNames, ",")
	r := newRNG(0, streamZipcode, 0)
	for _, line := range lines(zipcodeData) {
		f := strings.Split(line, "|")
		if strings.HasPrefix(line, "#") {
			province = f
			continue
		}
		weight, _ := strconv.ParseUint(province[2], 10, 64)
		for k, code := range expandCodes(f[2]) {
			short, repeated := strings.CutPrefix(code, "+")
			z := zipRow{province: province[0][1:], provinceEng: province[1], city: f[0], cityEng: f[1], short: short, weight: weight, repeated: repeated}
			z.zip = short + fmt.Sprintf("%02d", r.below(100))
			z.eup, z.eupEng = townOf(f, k)
			z.road, z.roadEng, _ = strings.Cut(roads[r.below(len(roads))], ":")
			if root, rootEng := rootOf(f[0], f[1]); k == 0 && len(root) > len("중") {
				z.road, z.roadEng = root+"로", rootEng+"-ro"
			}
			rows = append(rows, z)
		}
	}
	return rows
}

func lines(text string) []string { return strings.Split(strings.Trim(text, "\n"), "\n") }

// expandCodes turns "010-012,+014" into 010, 011, 012, +014.
func expandCodes(list string) []string {
	var out []string
	for _, part := range strings.Split(list, ",") {
		from, to, many := strings.Cut(part, "-")
		if !many {
			out = append(out, part)
			continue
		}
		a, _ := strconv.Atoi(from)
		b, _ := strconv.Atoi(to)
		for ; a <= b; a++ {
			out = append(out, fmt.Sprintf("%03d", a))
		}
	}
	return out
}

// townOf is the k-th code's eup or myeon, if the municipality has so many.
func townOf(f []string, k int) (name, eng string) {
	if len(f) < 4 || f[3] == "" {
		return "", ""
	}
	towns := strings.Split(f[3], ",")
	if k >= len(towns) {
		return "", ""
	}
	if towns[k] == "=" {
		root, rootEng := rootOf(f[0], f[1])
		return root + "읍", rootEng + "-eup"
	}
	name, eng, _ = strings.Cut(towns[k], ":")
	return name, eng
}

// rootOf is a municipality's name without city, county or ward: "수원시 장안구"
// gives 장안.
func rootOf(city, eng string) (root, rootEng string) {
	city = city[strings.LastIndexByte(city, ' ')+1:]
	eng = eng[strings.LastIndexByte(eng, ' ')+1:]
	rootEng, _, _ = strings.Cut(eng, "-")
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(city, "구"), "시"), "군"), rootEng
}

// customer is one row of customer; an empty residence is NULL.
type customer struct{ id, sex, age, residence string }

// customers makes the customers of a seed. Their places follow the provinces' weights.
func customers(seed uint64, zips []zipRow) []customer {
	ages := strings.Split("19세이하,20세~24세,25세~29세,30세~34세,35세~39세,40세~44세,45세~49세,50세~54세,55세~59세,60세이상", ",")
	byAge := newAlias([]uint64{1, 4, 8, 12, 15, 17, 16, 12, 8, 7})
	places, byPlace := residences(zips)
	r := newRNG(seed, streamCustomer, 0)
	out := make([]customer, customerCount)
	for i := range out {
		c := customer{id: fmt.Sprintf("%05d", i+1), sex: "F"}
		if r.below(100) < 27 {
			c.sex = "M"
		}
		c.age = ages[byAge.draw(r.next())]
		c.residence = places[byPlace.draw(r.next())]
		out[i] = c
	}
	for _, i := range r.shuffled(customerCount)[:homelessCustomers] {
		out[i].residence = ""
	}
	return out
}

// residences lists the short codes and draws from them by population. Fewer
// people live where a boundary runs through a code.
func residences(zips []zipRow) ([]string, alias) {
	shared := map[string]bool{}
	for _, z := range zips {
		shared[z.short] = shared[z.short] || z.repeated
	}
	var places []string
	var weights []uint64
	for _, z := range zips {
		switch {
		case z.repeated:
			continue
		case shared[z.short]:
			weights = append(weights, z.weight*9)
		default:
			weights = append(weights, z.weight*10)
		}
		places = append(places, z.short)
	}
	return places, newAlias(weights)
}

// product is one row of products_info.
type product struct {
	affiliate, division, main, sub, mainDesc, subDesc string
	// stray replaces sub in the few purchases whose code matches no product.
	stray          string
	price, variant int // price in won; variant 0 is a basic good, which sells most
}

// shop is an affiliate.
type shop struct {
	code     string
	stores   int
	products []product
}

type division struct {
	kind  string
	price int
	mains []string // "채소:상추,시금치"
}

// shops reads the goods and the affiliates. It does not depend on the seed.
func shops() []shop {
	variants := map[string][]string{}
	for _, line := range lines(variantData) {
		kind, list, _ := strings.Cut(line, ":")
		variants[kind] = strings.Split(list, ",")
	}
	divisions := readDivisions()
	var out []shop
	for _, line := range lines(shopData) {
		f := strings.Split(line, "|")
		count, _ := strconv.Atoi(f[1])
		stores, _ := strconv.Atoi(f[2])
		s := shop{code: f[0], stores: stores}
		names := strings.Split(f[3], ",")
		mains := 0
		for _, n := range names {
			mains += len(divisions[n].mains)
		}
		m := 0
		for d, n := range names {
			div := divisions[n]
			for k, line := range div.mains {
				quota := (m+1)*count/mains - m*count/mains
				s.addMain(d+1, k+1, quota, line, div, variants[div.kind])
				m++
			}
		}
		out = append(out, s)
	}
	return out
}

func readDivisions() map[string]division {
	out := map[string]division{}
	name := ""
	for _, line := range lines(productData) {
		if strings.HasPrefix(line, "#") {
			f := strings.Split(line[1:], "|")
			price, _ := strconv.Atoi(f[2])
			name = f[0]
			out[name] = division{kind: f[1], price: price}
			continue
		}
		d := out[name]
		d.mains = append(d.mains, line)
		out[name] = d
	}
	return out
}

// addMain adds quota products of one main category.
func (s *shop) addMain(d, k, quota int, line string, div division, variants []string) {
	desc, list, _ := strings.Cut(line, ":")
	goods := strings.Split(list, ",")
	r := newRNG(0, streamProduct, uint64(d*1000+k))
	for i := range quota {
		p := product{
			affiliate: s.code, division: fmt.Sprintf("%02d", d), main: fmt.Sprintf("%02d%02d", d, k), mainDesc: desc,
			subDesc: variants[i/len(goods)] + goods[i%len(goods)], variant: i / len(goods),
		}
		tail := fmt.Sprintf("%s%02d", p.main, i+1)
		p.sub, p.stray = s.code+tail, "Z"+tail
		p.price = div.price
		for range r.below(24) + r.below(24) {
			p.price += p.price * 7 / 100
		}
		s.products = append(s.products, p)
	}
}
