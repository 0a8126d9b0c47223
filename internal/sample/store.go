package sample

import (
	"context"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/mulgil/mulgil/internal/port"
)

// StoreReceipts is how many receipts the store printed from 2015-01-01 to
// 2017-08-31: 359 a day, of 1.45 lines each.
const StoreReceipts = 350_000

// storeDays are the days the store sample covers.
var storeFirst, storeEnd = date(2015, 1, 1), date(2017, 9, 1)

// Store creates the store sample's tables with ld, fills them and adds keys and
// comments: one convenience store's products, receipts, and orders from its
// suppliers. Options.Rows is the number of receipts; fewer than StoreReceipts
// make proportionally fewer orders, more do not make more. The caller closes ld.
// Errors as of Retail.
func Store(ctx context.Context, ld port.Loader, opts Options) (Summary, error) {
	return fill(ctx, ld, "store", StoreTables(), storeReader, opts)
}

// StoreReader streams one table of the store sample; see RetailReader.
func StoreReader(ctx context.Context, table string, opts Options) (array.RecordReader, error) {
	t, err := tableNamed("store", StoreTables(), table)
	if err != nil {
		return nil, err
	}
	return storeReader(ctx, t, opts), nil
}

func storeReader(ctx context.Context, t port.TableDef, opts Options) *sized {
	switch t.Name.Name {
	case "products":
		var rows [][]string
		for _, g := range goods() {
			own := "N"
			if g.own {
				own = "Y"
			}
			rows = append(rows, []string{g.code, g.name, g.divisionCode, g.division, g.mainCode, g.main, g.subCode, g.sub, own})
		}
		return textReader(ctx, schemaOf(t), rows)
	case "transaction_order":
		r := newReceipts(opts.Seed, opts.Rows)
		return &sized{newReader(ctx, r.schema, opts.Rows, r.batch), r.lines(opts.Rows)}
	default:
		rows := newOrders(opts.Seed, opts.Rows)
		schema := schemaOf(t)
		return &sized{newReader(ctx, schema, int64(len(rows)), func(from, to int64) made { return orderBatch(schema, rows[from:to]) }), int64(len(rows))}
	}
}

// daysSinceEpoch is a day as Arrow's date32.
func daysSinceEpoch(day time.Time) arrow.Date32 { return arrow.Date32FromTime(day) }

// builder makes a batch's columns one value at a time.
func builder(schema *arrow.Schema) *array.RecordBuilder {
	return array.NewRecordBuilder(memory.DefaultAllocator, schema)
}
