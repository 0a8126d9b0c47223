// Package sample makes data to try Mulgil with. The store sample is a
// convenience store from 2015-01-01 to 2017-08-31. The retail sample is the
// two-year history of a group of four shops (department store A, hypermarket B,
// supermarket C, drugstore D): customers, products, postal codes and any number
// of purchases.
//
// The rows are a pure function of the seed and the number of purchases: equal on
// every machine, whatever its processors. All arithmetic is in integers, and each
// block of 64 purchases starts its own sequence of random numbers, so blocks can
// be made in any order on any number of goroutines. Amounts are whole multiples
// of 10 won: sums of doubles are exact, and two systems must agree to the last
// digit.
//
// The faults are deliberate and few, as in a shop's real data: purchases without
// customer (0.05 %), store (0.02 %) or amount (0.04 %), product codes that match
// nothing (0.1 %), customers without residence, and 21 postal short codes that two
// cities share, so that joining customers to postal codes counts some sales twice.
package sample

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Options choose a sample.
type Options struct {
	// Rows is the number of purchases or receipts, 0 or more. The other tables of
	// the retail sample (19,383 customers, 4,386 products, 473 postal codes) do
	// not depend on it.
	Rows int64
	// Seed chooses among equally shaped samples.
	Seed uint64
	// Report receives progress; may be nil.
	Report base.Report
}

// Summary tells what was loaded.
type Summary struct {
	// Tables are the rows of each table, in the order of loading.
	Tables []TableRows `json:"tables"`
	// Amount is the sum of the sales in won; Amounts is how many rows have one.
	Amount  int64 `json:"amount"`
	Amounts int64 `json:"amounts"`
}

// TableRows is a table and its number of rows.
type TableRows struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Retail creates the retail sample's tables with ld, fills them and adds keys
// and comments. The caller closes ld. Errors: base.Usage for a negative number
// of rows, and what the loader answers.
func Retail(ctx context.Context, ld port.Loader, opts Options) (Summary, error) {
	return fill(ctx, ld, "retail", RetailTables(), retailReader, opts)
}

// fill loads the tables of the sample called name, whose rows read makes.
func fill(ctx context.Context, ld port.Loader, name string, tables []port.TableDef, read func(context.Context, port.TableDef, Options) *sized, opts Options) (Summary, error) {
	var sum Summary
	if opts.Rows < 0 {
		return sum, base.Errorf(base.Usage, "%d is not a number of rows", opts.Rows).WithHint("give 0 or more")
	}
	if err := ld.Create(ctx, tables); err != nil {
		return sum, fmt.Errorf("create the %s tables: %w", name, err)
	}
	for _, t := range tables {
		r := read(ctx, t, opts)
		n, err := load(ctx, ld, t, r, opts.Report)
		if err != nil {
			return sum, fmt.Errorf("load %s: %w", t.Name, err)
		}
		sum.Tables = append(sum.Tables, TableRows{t.Name.String(), n})
		sum.Amount += r.sum
		sum.Amounts += r.counts
	}
	if err := ld.Finish(ctx, tables, opts.Report); err != nil {
		return sum, fmt.Errorf("finish the %s tables: %w", name, err)
	}
	return sum, nil
}

// load hands one table's rows to the loader and checks that all of them arrived.
func load(ctx context.Context, ld port.Loader, t port.TableDef, r *sized, report base.Report) (int64, error) {
	defer r.Release()
	n, err := ld.Load(ctx, t, r, func(p base.Progress) {
		p.Total = r.total
		report.Do(p)
	})
	if err == nil {
		err = r.Err()
	}
	if err != nil {
		return n, err
	}
	if n != r.total || r.rows != r.total {
		return n, base.Errorf(base.Internal, "%d of %d rows arrived", n, r.total)
	}
	return n, nil
}

// RetailReader streams one table of the retail sample ("purchase" or
// "retail.purchase") in batches of 65,536 rows; the caller releases it. Errors:
// base.NotFound for an unknown table.
func RetailReader(ctx context.Context, table string, opts Options) (array.RecordReader, error) {
	t, err := tableNamed("retail", RetailTables(), table)
	if err != nil {
		return nil, err
	}
	return retailReader(ctx, t, opts), nil
}

// sized is a reader that knows how many rows it will give.
type sized struct {
	*reader
	total int64
}

func retailReader(ctx context.Context, t port.TableDef, opts Options) *sized {
	var rows [][]string
	switch t.Name.Name {
	case "purchase":
		p := newPurchases(opts.Seed, opts.Rows, customers(opts.Seed, zipRows()))
		return &sized{newReader(ctx, p.schema, opts.Rows, p.batch), opts.Rows}
	case "customer":
		for _, c := range customers(opts.Seed, zipRows()) {
			rows = append(rows, []string{c.id, c.sex, c.age, c.residence})
		}
	case "products_info":
		for _, s := range shops() {
			for _, p := range s.products {
				rows = append(rows, []string{p.affiliate, p.division, p.main, p.sub, p.mainDesc, p.subDesc})
			}
		}
	case "zipcode":
		for _, z := range zipRows() {
			rows = append(rows, []string{z.zip, z.province, z.provinceEng, z.city, z.cityEng, z.eup, z.eupEng, z.road, z.roadEng, z.short})
		}
	}
	return textReader(ctx, schemaOf(t), rows)
}

// textReader streams rows of text; empty text is NULL.
func textReader(ctx context.Context, schema *arrow.Schema, rows [][]string) *sized {
	n := int64(len(rows))
	return &sized{newReader(ctx, schema, n, func(from, to int64) made { return textBatch(schema, rows[from:to]) }), n}
}

// textBatch makes a batch of text columns; empty text is NULL.
func textBatch(schema *arrow.Schema, rows [][]string) made {
	cols := make([]arrow.Array, schema.NumFields())
	for i := range cols {
		c := newTextColumn(len(rows), 16)
		for _, row := range rows {
			c.addOr(row[i])
		}
		cols[i] = c.array()
	}
	return made{batch: array.NewRecordBatch(schema, cols, int64(len(rows)))}
}
