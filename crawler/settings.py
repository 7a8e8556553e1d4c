"""Scrapy's settings: polite first. A crawl may override them where it is started."""

BOT_NAME = "shrug"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

# Who we are; a crawl adds the operator's own contact.
USER_AGENT = "shrug/0.1 (measures attention to outages; contact: set SHRUG_CONTACT)"
ROBOTSTXT_OBEY = True
# One at a time: what waits inside the downloader would be sent into a pause that was asked for.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0

DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2
# 429 and 503 belong to our own middleware, which reads Retry-After.
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]
HTTPERROR_ALLOW_ALL = True
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False

# Documents that change seldom are asked for with If-None-Match or If-Modified-Since.
HTTPCACHE_ENABLED = True
HTTPCACHE_POLICY = "crawler.middlewares.Revalidated"
HTTPCACHE_EXPIRATION_SECS = 30 * 24 * 3600

# Before all others: what is not to be asked is not asked for its robots.txt either.
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.PublicOnly": 50,
    "crawler.middlewares.RetryAfter": 545,
    # Next to the downloader: a copy that was kept of an answer has an old date.
    "crawler.middlewares.RightClock": 950,
}
ITEM_PIPELINES = {"crawler.pipelines.Keep": 100}
# What could not be had comes back as Trouble, said once by whoever asked for the crawl.
LOG_LEVEL = "CRITICAL"
