//! Liquid: content with holes, bounded by fuel, with strict diagnostics at authoring.
