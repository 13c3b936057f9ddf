"""Actions from meetings: operations, forms, pages and addresses."""
