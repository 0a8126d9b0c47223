package duckdb

import "strings"

// unsupported are functions of Trino and Athena that the engine cannot
// compute: a call is refused by name, not as a misspelling.
var unsupported = func() map[string]bool {
	out := map[string]bool{}
	for _, name := range strings.Fields(`
		st_area st_asbinary st_astext st_boundary st_buffer st_centroid st_contains st_convexhull st_coorddim st_crosses st_difference st_dimension
		st_disjoint st_distance st_endpoint st_envelope st_envelopeaspts st_equals st_exteriorring st_geometries st_geometryfromtext st_geometryn
		st_geometrytype st_geomfrombinary st_geomfromkml st_interiorringn st_interiorrings st_intersection st_intersects st_isclosed st_isempty st_isring
		st_issimple st_isvalid st_length st_linefromtext st_linestring st_multipoint st_numgeometries st_numinteriorring st_numpoints st_overlaps
		st_point st_pointn st_points st_polygon st_relate st_startpoint st_symdifference st_touches st_union st_within st_x st_xmax st_xmin st_y st_ymax
		st_ymin simplify_geometry to_geometry to_spherical_geography from_geojson_geometry to_geojson_geometry geometry_from_hadoop_shape
		geometry_invalid_reason geometry_nearest_points geometry_to_bing_tiles geometry_union geometry_union_agg convex_hull_agg great_circle_distance
		line_interpolate_point line_interpolate_points line_locate_point bing_tile bing_tile_at bing_tile_coordinates bing_tile_polygon bing_tile_quadkey
		bing_tile_zoom_level bing_tiles_around
		approx_set empty_approx_set hll_merge merge make_set_digest merge_set_digest intersection_cardinality jaccard_index hash_counts
		tdigest_agg value_at_quantile values_at_quantiles quantile_at_value scale_qdigest qdigest_agg
		learn_classifier learn_regressor learn_libsvm_classifier learn_libsvm_regressor classify regress features
		evaluate_classifier_predictions
		color bar render rgb
		json_table exclude_columns`) {
		out[name] = true
	}
	return out
}()
