"""Labels of stored posts: the providers that they name, their sentiment, their acts."""
