-- Selling something takes it from the stock.  Triggers are written differently
-- on the two engines, so each has a section of its own.

-- migrate:up sqlite
ALTER TABLE product ADD COLUMN stock integer NOT NULL DEFAULT 100;
CREATE TRIGGER purchase_takes_stock AFTER INSERT ON purchase
BEGIN
    UPDATE product SET stock = stock - NEW.quantity WHERE id = NEW.product_id;
END;

-- migrate:up postgresql
ALTER TABLE product ADD COLUMN stock integer NOT NULL DEFAULT 100;
CREATE FUNCTION purchase_takes_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE product SET stock = stock - NEW.quantity WHERE id = NEW.product_id;
    RETURN NEW;
END;
$$;
CREATE TRIGGER purchase_takes_stock AFTER INSERT ON purchase
    FOR EACH ROW EXECUTE FUNCTION purchase_takes_stock();

-- migrate:down sqlite
DROP TRIGGER purchase_takes_stock;
ALTER TABLE product DROP COLUMN stock;

-- migrate:down postgresql
DROP TRIGGER purchase_takes_stock ON purchase;
DROP FUNCTION purchase_takes_stock();
ALTER TABLE product DROP COLUMN stock;

-- migrate:verify
SELECT count(*) = 0 FROM product WHERE stock < 0;
